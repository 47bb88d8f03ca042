import Expressions
import GraphQL
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

/// Makes a database's definitions what a file says, in one transaction; what the file does not name stays. Validations
/// are not asked: a file was good where it comes from.
public enum DefinitionLoad {
  public struct Report: Equatable, Sendable {
    /// What happened to a definition.
    public enum Outcome: String, Sendable {
      case created, changed, unchanged
    }

    public struct Entry: Equatable, Sendable {
      /// `task` or `workflow`.
      public let kind: String
      public let slug: String
      public let outcome: Outcome
    }

    public fileprivate(set) var entries: [Entry] = []
    /// Definitions of the database that the file does not name, in the order of their slugs.
    public fileprivate(set) var absent: [(kind: String, slug: String)] = []

    public func count(_ outcome: Outcome) -> Int { entries.count { $0.outcome == outcome } }

    /// A list of what became of each definition, and of those that only the database has.
    ///
    /// - Parameter withAbsent: whether the latter are told.
    public func value(withAbsent: Bool) -> GraphQL.Value {
      func object(_ kind: String, _ slug: String, _ outcome: String) -> GraphQL.Value {
        .object(
          ValueObject([
            .init(name: "kind", value: .string(kind)), .init(name: "slug", value: .string(slug)),
            .init(name: "outcome", value: .string(outcome)),
          ]))
      }
      let entries = entries.map { object($0.kind, $0.slug, $0.outcome.rawValue) }
      return .list(withAbsent ? entries + absent.map { object($0.kind, $0.slug, "absent") } : entries)
    }

    public static func == (left: Report, right: Report) -> Bool {
      left.entries == right.entries && left.absent.elementsEqual(right.absent) { $0 == $1 }
    }
  }

  /// Leaves the transaction without its writes.
  private struct DryRun: Error {
    let report: Report
  }

  /// - Parameters:
  ///   - isDry: writes everything and takes it back.
  /// - Throws: `DefinitionFile.Failure` for a task that neither the file nor the database has; a database error.
  public static func run(
    _ file: DefinitionFile, isDry: Bool = false, caller: Caller = Caller(), database: Database
  ) async throws -> Report {
    do {
      return try await database.transaction { transaction in
        let report = try await load(file, caller, DefinitionEditing(quietly: transaction))
        if isDry { throw DryRun(report: report) }
        return report
      }
    } catch let dry as DryRun {
      return dry.report
    }
  }

  /// The same with model events for each row, in the order in which they are written: tasks, then each workflow with
  /// its flows.
  ///
  /// - Throws: also that a receiver does not want it.
  public static func run(
    _ file: DefinitionFile, service: CaseService, by editor: CaseService.Editor
  ) async throws -> Report {
    try await service.editDefinitions(by: editor) { try await load(file, editor.caller, $0) }
  }

  private static func load(
    _ file: DefinitionFile, _ caller: Caller, _ editing: DefinitionEditing
  ) async throws -> Report {
    let transaction = editing.transaction
    let stored = try await DefinitionImage.read(holding: true, in: transaction)
    let inFile = Set(file.tasks.map(\.slug))
    for reference in file.references where !inFile.contains(reference.task) && stored.tasks[reference.task] == nil {
      throw file.failure(
        "There is no task \(reference.task), neither in the file nor in the database.", at: reference.offset)
    }
    let tasks = try await DefinitionImage.canonical(file.tasks.map(\.json), in: transaction)
    let workflows = try await DefinitionImage.canonical(file.workflows.map(\.json), in: transaction)
    let flows = try await DefinitionImage.canonical(file.workflows.flatMap(\.flows).map(\.json), in: transaction)

    var report = Report()
    var writer = Writer(caller: caller, now: Timestamp.now(), editing: editing)
    for (task, json) in zip(file.tasks, tasks) {
      let outcome = outcome(stored.tasks[task.slug], json)
      report.entries.append(Report.Entry(kind: "task", slug: task.slug, outcome: outcome))
      if outcome != .unchanged { try await writer.write(task, json, isCreated: outcome == .created) }
    }
    var next = flows.startIndex
    for (workflow, json) in zip(file.workflows, workflows) {
      let flowTexts = flows[next..<(next + workflow.flows.count)]
      next += workflow.flows.count
      let storedFlows = stored.flows.filter { $0.workflow == workflow.slug }
      let areSame = Set(storedFlows.map(\.json)) == Set(flowTexts)
      let own = outcome(stored.workflows[workflow.slug], json)
      let whole = own == .unchanged && !areSame ? .changed : own
      report.entries.append(Report.Entry(kind: "workflow", slug: workflow.slug, outcome: whole))
      if own != .unchanged { try await writer.write(workflow, json, isCreated: own == .created) }
      if !areSame { try await writer.write(workflow, Array(flowTexts), instead: storedFlows) }
    }
    let named = Set(file.workflows.map(\.slug))
    report.absent =
      stored.tasks.keys.filter { !inFile.contains($0) }.sorted(by: DefinitionDump.precedes).map { ("task", $0) }
      + stored.workflows.keys.filter { !named.contains($0) }.sorted(by: DefinitionDump.precedes).map {
        ("workflow", $0)
      }
    return report
  }

  private static func outcome(_ stored: String?, _ given: String) -> Report.Outcome {
    guard let stored else { return .created }
    return stored.utf8.elementsEqual(given.utf8) ? .unchanged : .changed
  }

  /// The first write raises the revision; a load that changes nothing leaves it.
  private struct Writer {
    let caller: Caller
    let now: Timestamp
    let editing: DefinitionEditing
    private var hasBegun = false
    private var identifiers = FamilyIdentifiers()

    init(caller: Caller, now: Timestamp, editing: DefinitionEditing) {
      self.caller = caller
      self.now = now
      self.editing = editing
    }

    private mutating func begin() {
      if !hasBegun { DefinitionStore.begin(in: editing.transaction) }
      hasBegun = true
    }

    mutating func write(_ task: DefinitionFile.Task, _ json: String, isCreated: Bool) async throws {
      begin()
      try await editing.save(.task, task.slug, isCreated: isCreated) {
        DefinitionImage.writeTask(task.slug, json: json, caller: caller, now: now, in: $0)
      }
    }

    mutating func write(_ workflow: DefinitionFile.Workflow, _ json: String, isCreated: Bool) async throws {
      begin()
      try await editing.save(.workflow, workflow.slug, isCreated: isCreated) {
        DefinitionImage.writeWorkflow(
          workflow.slug, json: json, startTasks: workflow.startTasks, caller: caller, now: now, in: $0)
      }
    }

    /// Flows that are as they were stay, with their ids.
    mutating func write(
      _ workflow: DefinitionFile.Workflow, _ texts: [String], instead stored: [DefinitionImage.Flow]
    ) async throws {
      begin()
      for flow in stored where !texts.contains(flow.json) {
        try await editing.delete(.flow, flow.id.description) {
          try await DefinitionStore.removeFlow(flow.id, caller: caller, now: now, in: $0)
        }
      }
      let known = Set(stored.map(\.json))
      for (flow, text) in zip(workflow.flows, texts) where !known.contains(text) {
        let next = try Expression(flow.next).analyze().tasks
        let id = identifiers.next()
        try await editing.save(.flow, id.description, isCreated: true) {
          DefinitionStore.addFlow(
            id: id, workflow: workflow.slug, tasks: flow.tasks, next: flow.next, nextTasks: next,
            redoable: flow.redoable, caller: caller, now: now, in: $0)
        }
      }
    }
  }
}

extension DefinitionLoad.Report: LosslessStringConvertible {
  /// What is kept for a repetition: one definition a line.
  public init?(_ description: String) {
    for line in description.split(separator: "\n") {
      let parts = line.split(separator: " ").map(String.init)
      guard parts.count == 3 else { return nil }
      if let outcome = Outcome(rawValue: parts[2]) {
        entries.append(Entry(kind: parts[0], slug: parts[1], outcome: outcome))
      } else {
        absent.append((parts[0], parts[1]))
      }
    }
  }

  public var description: String {
    let lines =
      entries.map { "\($0.kind) \($0.slug) \($0.outcome.rawValue)" } + absent.map { "\($0.kind) \($0.slug) absent" }
    return lines.joined(separator: "\n")
  }
}
