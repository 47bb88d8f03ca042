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
      return try await database.transaction(deadline: editor.deadline) { transaction in
        try await self.once(editor.mark, in: transaction) {
          DefinitionStore.begin(in: transaction)
          let definitions = try await DefinitionStore.load(in: transaction).definitions
          guard let workflow = definitions.workflow(slug) else { throw Self.unknown(slug) }
          return try await VersionStore.publish(
            VersionStore.graph(of: workflow, definitions), workflow: slug, caller: editor.caller, in: transaction)
        }
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
  public func migrate(_ input: MigrationInput, by editor: Editor) async throws(MillraceError) -> MigrationReport {
    do {
      var key = Parameters()
      key.append(input.workflow)
      key.append(input.from)
      let rows = try await database.query(Self.openCases, key, deadline: editor.deadline)
      var report = MigrationReport()
      for row in 0..<rows.count {
        let id = EntityID(rows.uuid(row, 0))
        let change = MigrateCase(id: id, version: input.to, mapping: input.mapping)
        for task in try await unmapped(change, editor) { report.unmapped[task, default: 0] += 1 }
        if !input.isDry {
          _ = try await run(Request(command: .migrateCase(change), caller: editor.caller, deadline: editor.deadline))
        }
        report.cases.append(id)
      }
      return report
    } catch {
      throw shown(error)
    }
  }

  private func unmapped(_ change: MigrateCase, _ editor: Editor) async throws -> [String] {
    try await database.transaction(deadline: editor.deadline, isReadOnly: true) { transaction in
      let state = try await FamilyStore.read(ofCase: change.id, in: transaction)
      let definitions = try await self.definitions(
        revision: try await DefinitionStore.revision(in: transaction).definitions, in: transaction)
      return Execution(
        definitions: definitions, state: state, command: .migrateCase(change), now: 0, ids: FamilyIdentifiers(),
        evaluator: FlowEvaluator(cache: self.expressions, context: .null, names: nil, functions: self.extensions.nodes)
      ).unmapped(change)
    }
  }
}
