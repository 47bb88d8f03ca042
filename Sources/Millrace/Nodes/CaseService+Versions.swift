import EventLoop
import Expressions
import Postgres
import WorkflowEngine
import WorkflowStore

/// Versions of workflows.
extension CaseService {
  /// What is wrong with a workflow before a case gets there.
  public func validate(
    workflow slug: String, deadline: UInt64?
  ) async throws(MillraceError) -> [WorkflowValidation.Problem] {
    do {
      let definitions = try await currentDefinitions(deadline)
      guard let workflow = definitions.workflow(slug) else {
        throw MillraceError(.notFound, "No Workflow matches the given query.")
      }
      return WorkflowValidation.problems(of: workflow, tasks: definitions.tasks, targets: { $0.targets ?? [] })
    } catch {
      throw shown(error)
    }
  }

  private func currentDefinitions(_ deadline: UInt64?) async throws -> Definitions {
    try await database.transaction(deadline: deadline, isReadOnly: true) { transaction in
      try await self.definitions(
        revision: try await DefinitionStore.revision(in: transaction).definitions, in: transaction)
    }
  }

  /// Freezes a workflow as it is: cases of a pinned workflow that begin from now on keep to it.
  ///
  /// - Returns: the version's number: the newest one's, when nothing has changed since.
  public func publish(workflow slug: String, by editor: Editor) async throws(MillraceError) -> Int64 {
    do {
      return try await editDefinitions(by: editor) { editing in
        let transaction = editing.transaction
        DefinitionStore.begin(in: transaction)
        let definitions = try await DefinitionStore.load(in: transaction).definitions
        guard let workflow = definitions.workflow(slug) else { throw Self.unknown(slug) }
        let graph = VersionStore.graph(of: workflow, definitions)
        let newest = try await VersionStore.newest(of: slug, comparedTo: graph, in: transaction)
        guard !newest.isSame else { return newest.number }
        let number = newest.number + 1
        try await editing.save(.version, "\(slug)/\(number)", isCreated: true) {
          VersionStore.publish(
            graph, workflow: slug, number: number, caller: editor.caller, now: Timestamp.now(), in: $0)
        }
        return number
      }
    } catch {
      throw shown(error)
    }
  }

  public struct MigrationInput: Sendable {
    public var workflow: String
    /// Nil: cases that follow the live definitions.
    public var from: Int64?
    public var to: Int64?
    public var mapping: [String: String]
    /// Tells what would happen, and leaves everything as it is.
    public var isDry: Bool

    public init(workflow: String, from: Int64?, to: Int64?, mapping: [String: String] = [:], isDry: Bool = false) {
      self.workflow = workflow
      self.from = from
      self.to = to
      self.mapping = mapping
      self.isDry = isDry
    }
  }

  public struct MigrationReport: Sendable {
    /// Cases that were migrated, or would be.
    public var cases: [EntityID] = []
    /// Tasks of open items that the target does not have, with the number of cases: their items are obsolete then.
    public var unmapped: [String: Int] = [:]
  }

  private static let openCases: SQL = """
    select id from cases where workflow = $1 and workflow_version is not distinct from $2
    and status in ('running', 'suspended') order by family, id
    """

  /// Has the open cases of one version keep to another one, each in a transaction of its own.
  ///
  /// With an idempotency key the cases are those that were open when the key came first, and each moves once: a chain
  /// of tasks (from a to b, from b to c) would take a repetition one step further.
  public func migrate(_ input: MigrationInput, by editor: Editor) async throws(MillraceError) -> MigrationReport {
    let report = try await plan(input, by: editor)
    guard !input.isDry else { return report }
    for id in report.cases {
      var request = Request(
        command: .migrateCase(MigrateCase(id: id, version: input.to, mapping: input.mapping)),
        caller: editor.caller, deadline: editor.deadline)
      request.mark = editor.mark?.part(id.description)
      do throws(MillraceError) {
        _ = try await run(request)
      } catch {
        // Closed since.
        guard error.code == .invalidState else { throw error }
      }
    }
    return report
  }

  private func plan(_ input: MigrationInput, by editor: Editor) async throws(MillraceError) -> MigrationReport {
    do {
      let mark = input.isDry ? nil : editor.mark
      return try await database.transaction(deadline: editor.deadline, isReadOnly: mark == nil) { transaction in
        try await self.once(mark, in: transaction) { try await self.report(input, in: transaction) }
      }
    } catch {
      throw shown(error)
    }
  }

  private func report(_ input: MigrationInput, in transaction: Transaction) async throws -> MigrationReport {
    var key = Parameters()
    key.append(input.workflow)
    key.append(input.from)
    let rows = try await transaction.query(Self.openCases, key)
    let definitions = try await definitions(
      revision: try await DefinitionStore.revision(in: transaction).definitions, in: transaction)
    guard definitions.workflow(input.workflow) != nil else { throw Self.unknown(input.workflow) }
    var report = MigrationReport()
    for row in 0..<rows.count {
      let change = MigrateCase(id: EntityID(rows.uuid(row, 0)), version: input.to, mapping: input.mapping)
      let execution = Execution(
        definitions: definitions, state: try await FamilyStore.read(ofCase: change.id, in: transaction),
        command: .migrateCase(change), now: 0, ids: FamilyIdentifiers(),
        evaluator: FlowEvaluator(cache: expressions, context: .null, names: nil, functions: extensions.nodes))
      do throws(EngineError) {
        try execution.requireTarget(of: change)
      } catch {
        throw MillraceError(error)
      }
      for task in execution.unmapped(change) { report.unmapped[task, default: 0] += 1 }
      report.cases.append(change.id)
    }
    return report
  }
}

extension CaseService.MigrationReport: LosslessStringConvertible {
  /// What is kept for a repetition.
  public init?(_ description: String) {
    guard let kept = JSON(json: description), case .array(let cases)? = kept["cases"],
      case .object(let unmapped)? = kept["unmapped"]
    else { return nil }
    self.cases = cases.compactMap { $0.text.flatMap { EntityID($0) } }
    for member in unmapped {
      if case .int(let count) = member.value { self.unmapped[member.key] = Int(count) }
    }
  }

  public var description: String {
    let tasks = unmapped.sorted { $0.key < $1.key }
    return JSON.object([
      .init(key: "cases", value: .array(cases.map { .string($0.description) })),
      .init(key: "unmapped", value: .object(tasks.map { .init(key: $0.key, value: .int(Int64($0.value))) })),
    ]).json
  }
}
