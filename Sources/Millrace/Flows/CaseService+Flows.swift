import Flows
import Postgres
import WorkflowEngine
import WorkflowStore

extension CaseService {
  /// Puts the flows of modules into the database. What is there already is left alone; a server that starts with the same
  /// flows changes nothing.
  public func saveFlows() async throws(MillraceError) {
    for program in extensions.flows {
      do {
        try await database.transaction { transaction in
          try await self.save(program, in: transaction)
        }
      } catch {
        throw shown(error)
      }
    }
  }

  private func save(_ program: FlowProgram, in transaction: Transaction) async throws {
    let image = try await DefinitionImage.read(holding: true, in: transaction)
    var wanted: [(slug: String, json: String)] = []
    for task in program.tasks { wanted.append((task.slug, json(of: task, in: program).json)) }
    let workflow = JSON.object([
      .init(key: "slug", value: .string(program.slug)),
      .init(key: "name", value: .object([.init(key: Self.language, value: .string(program.title))])),
      .init(key: "description", value: .object([])),
      .init(key: "meta", value: .object([])),
      .init(key: "isPublished", value: .bool(true)),
      .init(key: "isArchived", value: .bool(false)),
      .init(key: "allowAllForms", value: .bool(false)),
      .init(key: "compatibility", value: .string(Compatibility.exact.rawValue)),
      .init(key: "startTasks", value: .array(program.startTasks.map(JSON.string))),
    ])
    let canonical = try await DefinitionImage.canonical(wanted.map(\.json) + [workflow.json], in: transaction)
    let changed = zip(wanted, canonical).filter { image.tasks[$0.0.slug] != $0.1 }.map { ($0.0.slug, $0.1) }
    let isNew = image.workflows[program.slug].flatMap { JSON(json: $0) } != JSON(json: canonical[wanted.count])
    guard !changed.isEmpty || isNew else { return }
    DefinitionStore.begin(in: transaction)
    let now = Timestamp.now()
    for (slug, json) in changed {
      DefinitionImage.writeTask(slug, json: json, caller: Caller(), now: now, in: transaction)
    }
    DefinitionImage.writeWorkflow(
      program.slug, json: canonical[wanted.count], startTasks: program.startTasks, caller: Caller(), now: now,
      in: transaction)
    logger.info("Saved a flow.", metadata: ["flow": "\(program.slug)", "tasks": "\(changed.count)"])
  }

  /// The language of names in programs.
  private static let language = "en"

  private func json(of task: TaskDefinition, in program: FlowProgram) -> JSON {
    func localized(_ text: String?) -> JSON {
      .object(text.map { [.init(key: Self.language, value: .string($0))] } ?? [])
    }
    return .object([
      .init(key: "slug", value: .string(task.slug)),
      .init(key: "type", value: .string(task.type.rawValue)),
      .init(key: "name", value: localized(program.titles[task.slug])),
      .init(key: "description", value: localized(program.descriptions[task.slug])),
      .init(key: "meta", value: .object([])),
      .init(key: "addressGroups", value: .text(task.addressGroups)),
      .init(key: "controlGroups", value: .null),
      .init(key: "isArchived", value: .bool(false)),
      .init(key: "form", value: .null),
      .init(key: "leadTime", value: task.leadTime.map { .int($0) } ?? .null),
      .init(key: "isMultipleInstance", value: .bool(false)),
      .init(key: "continueAsync", value: .bool(false)),
      .init(key: "node", value: task.node.map(NodeJSON.json) ?? .null),
    ])
  }
}
