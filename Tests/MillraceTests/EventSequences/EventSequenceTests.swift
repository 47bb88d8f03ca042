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
    private struct State {
      var isArmed = false
      var lines: [String] = []
      var senders: Set<WorkflowEngine.Operation> = []
    }

    private let state = Mutex(State())

    func arm() { state.withLock { $0 = State(isArmed: true) } }

    func take() -> (lines: [String], senders: Set<WorkflowEngine.Operation>) {
      state.withLock { state in
        defer { state = State() }
        return (state.lines, state.senders)
      }
    }

    /// Answers whether the recorder is armed.
    func note(_ event: EventView) -> Bool {
      state.withLock { state in
        guard state.isArmed else { return false }
        state.senders.insert(event.sender)
        state.lines.append("`\(event.name.rawValue)` \(event.workItem?.task ?? event.case?.workflow ?? "-")")
        return true
      }
    }
  }

  // MARK: The page

  private static func file(_ path: String) -> String {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return (try? String(contentsOf: url.appendingPathComponent(path), encoding: .utf8)) ?? ""
  }

  private static let page = file("docs/reference/events.md")

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

  @Test(
    "every mutation tells what the page says, with receivers that fail or not; one with raiseException undoes it",
    arguments: Mode.allCases)
  func sequences(mode: Mode) async throws {
    let recorder = Recorder()
    let documented = Self.documented()
    try await OrderFixture.with(extensions: SequenceWorkflows.extensions()) { registry in
      registry.on(EventName.allCases, raiseException: mode == .fail) { event, context in
        guard recorder.note(event), mode != .onlyNote else { return }
        try await context.query("update cases set meta = '{\"touched\": true}'")
        try await context.query("select 1 / 0")
      }
    } _: { fixture in
      try await SequenceWorkflows.define(fixture.service)
      for sequence in EventSequence.all {
        let start = try await fixture.service.run(
          CaseService.Request(command: .startCase(StartCase(workflow: sequence.workflow))))
        let walk = SequenceWalk(fixture: fixture, id: try #require(start.caseID))
        let commands = try await sequence.prepare(walk)
        let before = try await Self.rows(fixture)
        recorder.arm()
        let error = await Self.failure { try await walk.run(commands) }
        let told = recorder.take()
        let after = try await Self.rows(fixture)
        let expected = documented[sequence.title] ?? []
        #expect(told.senders == Set(commands.map(\.operation)), "\(sequence.title)")
        if mode == .fail {
          // The receivers of the first event stop the mutation; nothing of it remains.
          #expect(error == MillraceError(.receiverFailed, "division by zero (22012)"), "\(sequence.title)")
          #expect(told.lines == Array(expected.prefix(1)) && before == after, "\(sequence.title)")
        } else {
          #expect(
            error == nil && told.lines == expected && before != after,
            "\(sequence.title): \(told.lines.joined(separator: ", "))")
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

  @Test("the page has a sequence for every operation, and every event stands in one")
  func complete() {
    let documented = Self.documented()
    #expect(Set(documented.keys) == Set(EventSequence.all.map(\.title)))
    for operation in WorkflowEngine.Operation.allCases {
      #expect(documented.keys.contains { $0.contains("`\(operation.rawValue)`") }, "\(operation.rawValue)")
    }
    let told = Set(documented.values.joined().map { String($0.split(separator: "`")[0]) })
    #expect(told == Set(EventName.allCases.map(\.rawValue)))
  }

  /// The text of a chapter of the page.
  private static func chapter(_ title: String) throws -> Substring {
    let start = try #require(page.range(of: "\n## \(title)\n"))
    let rest = page[start.upperBound...]
    return rest[..<(rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex)]
  }

  @Test("every mutation of the API has a sequence, is named as the way to one, or is said to have no events")
  func mutations() throws {
    let schema = Self.file("schema.graphql")
    let start = try #require(schema.range(of: "type Mutation {"))
    let fields = schema[start.upperBound...].prefix { $0 != "}" }
      .matches(of: /\n  ([a-z][A-Za-z]*)\(/).map { String($0.1) }
    #expect(fields.count > 40)
    let senders = try Self.chapter("Senders")
    let table = senders.components(separatedBy: "These mutations have no events")[0]
    let titles = Self.documented().keys
    for field in fields {
      #expect(titles.contains { $0.contains("`\(field)`") } || senders.contains("`\(field)`"), "\(field)")
    }
    let rows = table.matches(of: /\n\| `([a-zA-Z]+)` \|/).map { String($0.1) }
    let operations = Set(WorkflowEngine.Operation.allCases.map(\.rawValue))
    #expect(operations.isSuperset(of: rows) && rows.count > 10)
    // What the server does by itself has no mutation of its name; who sends it has to be said.
    #expect(operations.subtracting(fields).isSubset(of: rows))
  }

  /// Everything that mutations write, in one text.
  private static func rows(_ fixture: OrderFixture) async throws -> String {
    try await fixture.database.query(
      """
      select coalesce((select string_agg(c::text, ';' order by id) from cases c), '')
        || coalesce((select string_agg(w::text, ';' order by id) from work_items w), '')
        || coalesce((select string_agg(s::text, ';' order by id) from scheduled_work s), '')
        || (select count(*) from events)
      """
    ).text(0, 0)
  }
}
