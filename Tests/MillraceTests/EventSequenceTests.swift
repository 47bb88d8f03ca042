import Foundation
import Millrace
import Postgres
import Synchronization
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

/// The sequences of `docs/reference/events.md` against what receivers really get.
@Suite("Sequences of events")
struct EventSequenceTests {
  /// What a receiver of all events does while the mutation of a sequence runs.
  enum Mode: CaseIterable {
    case onlyNote
    /// Its database error is ignored.
    case failQuietly
    /// Its database error makes the mutation fail.
    case fail
  }

  /// Notes events while it is armed.
  private final class Recorder: Sendable {
    private let state = Mutex<(isArmed: Bool, lines: [String])>((false, []))

    func arm() { state.withLock { $0 = (true, []) } }

    func take() -> [String] {
      state.withLock { state in
        defer { state = (false, []) }
        return state.lines
      }
    }

    /// Answers whether the recorder is armed.
    func note(_ event: EventView) -> Bool {
      state.withLock { state in
        guard state.isArmed else { return false }
        state.lines.append("`\(event.name.rawValue)` \(event.workItem?.task ?? event.case?.workflow ?? "-")")
        return true
      }
    }
  }

  // MARK: Sequences

  private static let editor = CaseService.Editor(caller: Caller(), language: "en")

  /// The workflows that the page describes.
  private static func define(_ service: CaseService) async throws {
    for slug in ["draft", "review", "check", "send", "archive", "w1", "w2", "v", "m"] {
      var task = DefinitionStore.TaskInput(slug: slug, type: .simple, name: slug)
      if slug == "m" { task.isMultipleInstance = .given(true) }
      try await service.saveTask(task, by: editor)
    }
    for (slug, start) in [("papers", ["draft"]), ("family", ["w1", "w2"]), ("sub", ["v"]), ("many", ["m"])] {
      try await service.saveWorkflow(
        DefinitionStore.WorkflowInput(slug: slug, name: slug, startTasks: start), by: editor)
    }
    for (tasks, next, redoable) in [
      (["draft"], "['review', 'check']|tasks", nil), (["review", "check"], "'send'|task", nil),
      (["send"], "'archive'|task", "['draft', 'review']|tasks"),
    ] as [([String], String, String?)] {
      try await service.addFlow(
        CaseService.FlowInput(workflow: "papers", tasks: tasks, next: next, redoable: redoable), by: editor)
    }
  }

  /// A case on its way to where a sequence begins.
  private struct Walk {
    let fixture: OrderFixture
    let id: EntityID

    func item(_ task: String) async throws -> EntityID {
      var parameters = Parameters()
      parameters.append(id.uuid)
      parameters.append(task)
      let rows = try await fixture.database.query(
        "select id from work_items where family = $1 and task = $2 order by created_at desc limit 1", parameters)
      try #require(rows.count == 1)
      return EntityID(rows.uuid(0, 0))
    }

    func run(_ command: Command) async throws {
      _ = try await fixture.service.run(CaseService.Request(command: command, caller: Caller(user: "ann")))
    }

    func complete(_ tasks: String...) async throws {
      for task in tasks { try await run(.completeWorkItem(try await item(task))) }
    }

    /// The child case.
    func child() async throws -> EntityID {
      var parameters = Parameters()
      parameters.append(id.uuid)
      let rows = try await fixture.database.query("select id from cases where family = $1 and id <> $1", parameters)
      try #require(rows.count == 1)
      return EntityID(rows.uuid(0, 0))
    }

    /// With a child case `sub` of `w1`.
    func withChild() async throws -> Walk {
      try await run(.startCase(StartCase(workflow: "sub", parentWorkItem: try await item("w1"))))
      return self
    }
  }

  private struct Sequence: Sendable {
    let title: String
    let workflow: String
    /// Goes to where the sequence begins and answers its mutation.
    let prepare: @Sendable (Walk) async throws -> Command

    init(_ title: String, _ workflow: String, _ prepare: @escaping @Sendable (Walk) async throws -> Command) {
      self.title = title
      self.workflow = workflow
      self.prepare = prepare
    }
  }

  private static let sequences: [Sequence] = [
    Sequence("`startCase`, `saveCase` without id", "family") { _ in .startCase(StartCase(workflow: "family")) },
    Sequence("`startCase` for a work item", "family") { walk in
      .startCase(StartCase(workflow: "sub", parentWorkItem: try await walk.item("w1")))
    },
    Sequence("`saveCase` with id", "family") { .updateCase(UpdateCase(id: $0.id, workflow: "family", meta: "{\"a\":1}")) },
    Sequence("`completeWorkItem`", "papers") { .completeWorkItem(try await $0.item("draft")) },
    Sequence("`completeWorkItem` while a join waits", "papers") { walk in
      try await walk.complete("draft")
      return .completeWorkItem(try await walk.item("review"))
    },
    Sequence("`completeWorkItem` of the last branch of a join", "papers") { walk in
      try await walk.complete("draft", "review")
      return .completeWorkItem(try await walk.item("check"))
    },
    Sequence("`completeWorkItem` of the last item", "papers") { walk in
      try await walk.complete("draft", "review", "check", "send")
      return .completeWorkItem(try await walk.item("archive"))
    },
    Sequence("`skipWorkItem`", "family") { .skipWorkItem(try await $0.withChild().item("w1")) },
    Sequence("`skipWorkItem` of the last item", "papers") { walk in
      try await walk.complete("draft", "review", "check", "send")
      return .skipWorkItem(try await walk.item("archive"))
    },
    Sequence("`cancelWorkItem`", "family") { .cancelWorkItem(try await $0.withChild().item("w1")) },
    Sequence("`cancelWorkItem` that a join had waited for", "papers") { walk in
      try await walk.complete("draft", "review")
      return .cancelWorkItem(try await walk.item("check"))
    },
    Sequence("`suspendWorkItem`", "family") { .suspendWorkItem(try await $0.withChild().item("w1")) },
    Sequence("`resumeWorkItem`", "family") { walk in
      let item = try await walk.withChild().item("w1")
      try await walk.run(.suspendWorkItem(item))
      return .resumeWorkItem(item)
    },
    Sequence("`redoWorkItem`", "papers") { walk in
      try await walk.complete("draft", "review", "check")
      return .redoWorkItem(try await walk.item("draft"))
    },
    Sequence("`redoWorkItem` in front of a join", "papers") { walk in
      try await walk.complete("draft", "review", "check")
      return .redoWorkItem(try await walk.item("review"))
    },
    Sequence("`createWorkItem`", "many") { .createWorkItem(CreateWorkItem(caseID: $0.id, task: "m")) },
    Sequence("`saveWorkItem`", "family") { .saveWorkItem(SaveWorkItem(id: try await $0.item("w1"), meta: "{\"a\":1}")) },
    Sequence("`cancelCase`", "family") { .cancelCase(try await $0.withChild().id) },
    Sequence("`suspendCase`", "family") { .suspendCase(try await $0.withChild().id) },
    Sequence("`resumeCase`", "family") { walk in
      try await walk.withChild().run(.suspendCase(walk.id))
      return .resumeCase(walk.id)
    },
    Sequence("`reopenCase`", "papers") { walk in
      try await walk.complete("draft", "review", "check", "send", "archive")
      return .reopenCase(walk.id, workItems: [try await walk.item("archive")])
    },
    Sequence("`reopenCase` with several items", "papers") { walk in
      try await walk.complete("draft", "review")
      try await walk.run(.cancelCase(walk.id))
      return .reopenCase(walk.id, workItems: [try await walk.item("review"), try await walk.item("check")])
    },
    Sequence("`reopenCase` in front of a join", "papers") { walk in
      try await walk.complete("draft", "review", "check")
      try await walk.run(.cancelCase(walk.id))
      return .reopenCase(walk.id, workItems: [try await walk.item("review")])
    },
    Sequence("`reopenCase` of a child case", "family") { walk in
      try await walk.withChild().complete("v")
      return .reopenCase(try await walk.child(), workItems: [try await walk.item("v")])
    },
    Sequence("`cancelCase` of a child case", "family") { .cancelCase(try await $0.withChild().child()) },
    Sequence("`suspendCase` with an item that is suspended", "family") { walk in
      try await walk.withChild().run(.suspendWorkItem(try await walk.item("w1")))
      return .suspendCase(walk.id)
    },
    Sequence("`completeWorkItem` of the last item of a child case", "family") { walk in
      .completeWorkItem(try await walk.withChild().item("v"))
    },
    Sequence("`assignWorkItem`", "family") { .assignWorkItem(try await $0.item("w1"), users: ["bob"]) },
    Sequence("`claimWorkItem`", "family") { .claimWorkItem(try await $0.item("w1")) },
    Sequence("`reassignWorkItem`", "family") { walk in
      let item = try await walk.item("w1")
      try await walk.run(.assignWorkItem(item, users: ["bob"]))
      return .reassignWorkItem(item, users: ["eve"])
    },
    Sequence("`unassignWorkItem`", "family") { walk in
      let item = try await walk.item("w1")
      try await walk.run(.assignWorkItem(item, users: ["bob"]))
      return .unassignWorkItem(item)
    },
    Sequence("`snoozeWorkItem`", "family") { .snoozeWorkItem(try await $0.item("w1"), until: Timestamp.now().microseconds + 3_600_000_000) },
    Sequence("`unsnoozeWorkItem`", "family") { walk in
      let item = try await walk.item("w1")
      try await walk.run(.snoozeWorkItem(item, until: Timestamp.now().microseconds + 3_600_000_000))
      return .unsnoozeWorkItem(item, isDue: false)
    },
    Sequence("`undoWorkItem`", "papers") { walk in
      try await walk.complete("draft")
      return .undoWorkItem(try await walk.item("draft"), cascade: true)
    },
    Sequence("`reviveWorkItem`", "family") { walk in
      let item = try await walk.item("w1")
      try await walk.run(.cancelWorkItem(item))
      return .reviveWorkItem(item)
    },
  ]

  /// What is sent to human work items beside Caluma's mutations.
  private static let ofPeople: [WorkflowEngine.Operation] = [
    .assignWorkItem, .claimWorkItem, .reassignWorkItem, .unassignWorkItem, .snoozeWorkItem, .unsnoozeWorkItem,
    .undoWorkItem, .reviveWorkItem,
  ]

  // MARK: The page

  private static let page: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return (try? String(contentsOf: url.appendingPathComponent("docs/reference/events.md"), encoding: .utf8)) ?? ""
  }()

  /// The numbered lists under the page's headings of the third level.
  private static func documented() -> [String: [String]] {
    var sequences: [String: [String]] = [:]
    var title: String?
    for line in page.split(separator: "\n") {
      if line.hasPrefix("#") {
        title = line.hasPrefix("### ") ? String(line.dropFirst(4)) : nil
      } else if let title, let dot = line.firstIndex(of: "."), let number = Int(line[..<dot]) {
        sequences[title, default: []].append(String(line[line.index(dot, offsetBy: 2)...]))
        #expect(sequences[title]?.count == number, "The list of \(title) is numbered wrongly.")
      }
    }
    return sequences
  }

  // MARK: Tests

  @Test("every mutation tells what the page says, with receivers that fail or not; one with raiseException undoes it", arguments: Mode.allCases)
  func sequences(mode: Mode) async throws {
    let recorder = Recorder()
    let documented = Self.documented()
    try await OrderFixture.with { registry in
      registry.on(EventName.allCases, raiseException: mode == .fail) { event, context in
        guard recorder.note(event), mode != .onlyNote else { return }
        try await context.query("update cases set meta = '{\"touched\": true}'")
        try await context.query("select 1 / 0")
      }
    } _: { fixture in
      try await Self.define(fixture.service)
      for sequence in Self.sequences {
        let start = try await fixture.service.run(
          CaseService.Request(command: .startCase(StartCase(workflow: sequence.workflow))))
        let walk = Walk(fixture: fixture, id: try #require(start.caseID))
        let command = try await sequence.prepare(walk)
        let before = try await Self.rows(fixture)
        recorder.arm()
        let error = await Self.failure { try await walk.run(command) }
        let told = recorder.take()
        let after = try await Self.rows(fixture)
        let expected = documented[sequence.title] ?? []
        if mode == .fail {
          // The receivers of the first event stop the mutation; nothing of it remains.
          #expect(error == MillraceError(.receiverFailed, "division by zero (22012)"), "\(sequence.title)")
          #expect(told == Array(expected.prefix(1)) && before == after, "\(sequence.title)")
        } else {
          #expect(error == nil && told == expected && before != after, "\(sequence.title): \(told.joined(separator: ", "))")
          #expect(!after.contains("touched"))
        }
      }
    }
  }

  private static func failure(_ body: () async throws -> Void) async -> MillraceError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? MillraceError ?? MillraceError(.internalError, "\(error)")
    }
  }

  @Test("the page has a sequence for every mutation, and every event stands in one")
  func complete() {
    let documented = Self.documented()
    #expect(Set(documented.keys) == Set(Self.sequences.map(\.title)))
    for operation in Operation.caluma + Self.ofPeople {
      #expect(documented.keys.contains { $0.contains("`\(operation.rawValue)`") }, "\(operation.rawValue)")
    }
    let told = Set(documented.values.joined().map { String($0.split(separator: "`")[0]) })
    #expect(told.isSuperset(of: EventName.allCases.filter { !$0.isOfNodes }.map(\.rawValue)))
  }

  /// Everything that mutations write, in one text.
  private static func rows(_ fixture: OrderFixture) async throws -> String {
    try await fixture.database.query(
      """
      select coalesce((select string_agg(c::text, ';' order by id) from cases c), '')
        || coalesce((select string_agg(w::text, ';' order by id) from work_items w), '')
        || (select count(*) from events)
      """
    ).text(0, 0)
  }
}
