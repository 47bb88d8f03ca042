import Flows
import Postgres
import WorkflowEngine
import WorkflowStore

extension CaseService {
  /// What is in the database is what the program says.
  private struct Unchanged: Error {}

  /// The language of names in programs.
  private static let language = "en"

  /// Puts the flows of modules into the database. A server that starts with the same flows changes nothing.
  public func saveFlows() async throws(MillraceError) {
    for program in extensions.flows {
      do {
        try await database.transaction { try await self.save(program, in: $0) }
        logger.info("Saved a flow.", metadata: ["flow": "\(program.slug)"])
      } catch {
        guard !(error is Unchanged) else { continue }
        throw shown(error)
      }
    }
  }

  private func save(_ program: FlowProgram, in transaction: Transaction) async throws {
    // Servers that start together come one after the other.
    DefinitionStore.begin(in: transaction)
    let stored = try await DefinitionStore.load(in: transaction).definitions
    let changed = program.tasks.filter { !isStored($0, of: program, in: stored) }
    let workflow = stored.workflow(program.slug)
    guard !changed.isEmpty || workflow?.startTasks != program.startTasks else { throw Unchanged() }
    let now = Timestamp.now()
    for task in changed {
      var input = DefinitionStore.TaskInput(
        slug: task.slug, type: task.type, name: program.titles[task.slug] ?? task.slug)
      input.description = .given(program.descriptions[task.slug])
      input.addressGroups = .given(task.addressGroups)
      input.leadTime = .given(task.leadTime.map { Int32(clamping: $0) })
      input.node = .given(task.node)
      DefinitionStore.save(input, language: Self.language, caller: Caller(), now: now, in: transaction)
    }
    var input = DefinitionStore.WorkflowInput(
      slug: program.slug, name: program.title, startTasks: program.startTasks)
    input.isPublished = .given(true)
    DefinitionStore.save(input, language: Self.language, caller: Caller(), now: now, in: transaction)
  }

  private func isStored(_ task: TaskDefinition, of program: FlowProgram, in stored: Definitions) -> Bool {
    guard let known = stored.task(task.slug) else { return false }
    return known.type == task.type && known.node == task.node && known.leadTime == task.leadTime
      && known.addressGroups == task.addressGroups
      && JSON(json: known.name)?[Self.language]?.text == program.titles[task.slug]
      && JSON(json: known.description)?[Self.language]?.text ?? "" == program.descriptions[task.slug] ?? ""
  }
}
