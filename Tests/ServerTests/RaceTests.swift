import API
import Foundation
import GraphQL
import Postgres
import TestSupport
import Testing

/// Two server processes over one database, asked at the same time. 100 rounds; `make stress` asks for more.
@Suite("Races between two processes")
struct RaceTests {
  static let rounds = ProcessInfo.processInfo.environment["MILLRACE_RACE_ROUNDS"].flatMap { Int($0) } ?? 100

  /// Two servers, for the length of a test.
  struct Pair {
    let first: ServerProcess
    let second: ServerProcess

    init() async throws {
      let conninfo = try await TestCluster.database()
      try await withDatabase(at: conninfo) {
        _ = try await Migrator(database: $0, known: EmbeddedMigrations.all).run()
      }
      first = try ServerProcess(environment: ["DATABASE_URL": conninfo])
      second = try ServerProcess(environment: ["DATABASE_URL": conninfo])
    }

    @discardableResult
    func ask(_ query: String) throws -> Value {
      let answer = HTTPAnswer.graphql(first.port, query)
      #expect(!answer.body.contains("\"errors\""), "\(query): \(answer.body)")
      return try JSONDocument(answer.body).root.value["data"] ?? .null
    }

    func define(_ workflow: String, start: [String], flows: [([String], String, String?)]) throws {
      var tasks = Set(start)
      for flow in flows {
        tasks.formUnion(flow.0)
        // Of `'b'|task` the part between the quotes.
        tasks.insert(String(flow.1.dropFirst().prefix { $0 != "'" }))
      }
      func list(_ slugs: [String]) -> String { "[" + slugs.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }
      for task in tasks.sorted() {
        try ask("mutation { saveSimpleTask(input: {slug: \"\(task)\", name: \"\(task)\"}) { clientMutationId } }")
      }
      try ask(
        "mutation { saveWorkflow(input: {slug: \"\(workflow)\", name: \"W\", startTasks: "
          + "\(list(start))}) { clientMutationId } }"
      )
      for (from, next, redoable) in flows {
        let more = redoable.map { ", redoable: \"\($0)\"" } ?? ""
        try ask(
          "mutation { addWorkflowFlow(input: {workflow: \"\(workflow)\", tasks: \(list(from)), next: "
            + "\"\(next)\"\(more)}) { clientMutationId } }"
        )
      }
    }

    private static let shown = "id status workItems { edges { node { id status task { slug } } } }"

    func start(_ workflow: String) throws -> Found {
      Found(
        try ask("mutation { startCase(input: {workflow: \"\(workflow)\"}) { case { \(Self.shown) } } }")["startCase"]?[
          "case"])
    }

    func found(_ id: String) throws -> Found {
      Found(try ask("{ node(id: \"\(id)\") { ... on Case { \(Self.shown) } } }")["node"])
    }

    /// Sends two mutations at the same moment, one to each server, and answers the codes of their errors.
    func race(_ one: Mutation, _ two: Mutation) async -> (String?, String?) {
      // Threads of their own: both wait for an answer at the same time.
      let (left, right) = (first.port, second.port)
      async let first = onThread { one.send(left) }
      async let second = onThread { two.send(right) }
      return await (first, second)
    }

    func stop() {
      #expect(first.stop() == 0)
      #expect(second.stop() == 0)
    }
  }

  struct Mutation: Sendable {
    let name: String
    let id: String

    init(_ name: String, _ id: String) {
      self.name = name
      self.id = id
    }

    /// The code of the error; nil when it was carried out.
    func send(_ port: UInt16) -> String? {
      let answer = HTTPAnswer.graphql(port, "mutation { \(name)(input: {id: \"\(id)\"}) { clientMutationId } }")
      guard answer.status == 200 else { return "HTTP \(answer.status)" }
      return answer.body.contains("\"errors\"") ? answer.value("code") ?? answer.body : nil
    }
  }

  /// A case with the latest item of each task.
  struct Found {
    let id: String
    let status: String
    private(set) var items: [String: (id: String, status: String)] = [:]
    private(set) var counts: [String: Int] = [:]

    init(_ node: Value?) {
      id = node?["id"]?.string ?? ""
      status = node?["status"]?.string ?? ""
      for edge in node?["workItems"]?["edges"]?.list ?? [] {
        guard let item = edge["node"], let task = item["task"]?["slug"]?.string else { continue }
        items[task] = (item["id"]?.string ?? "", item["status"]?.string ?? "")
        counts[task, default: 0] += 1
      }
    }

    func id(_ task: String) -> String { items[task]?.id ?? "" }
    func status(_ task: String) -> String? { items[task]?.status }
    var isOpen: Bool { items.values.contains { $0.status == "READY" || $0.status == "SUSPENDED" } }
  }

  static func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: body()) }
    }
  }

  /// What the loser of a race may be told.
  static let refusals: Set<String?> = ["INVALID_STATE", "CONFLICT"]

  @Test("a join of 2 to 64 siblings that both processes complete at once opens exactly once")
  func joins() async throws {
    let pair = try await Pair()
    let sizes = [2, 3, 2, 4, 8, 2, 16, 3, 2, 64]
    for size in Set(sizes).sorted() {
      let siblings = (0..<size).map { "s\(size)-\($0)" }
      try pair.define("join\(size)", start: siblings, flows: [(siblings, "'after\(size)'|task", nil)])
    }
    for round in 0..<Self.rounds {
      let size = sizes[round % sizes.count]
      let found = try pair.start("join\(size)")
      let ids = found.items.values.map(\.id)
      try #require(ids.count == size)
      let (left, right) = (pair.first.port, pair.second.port)
      async let first = Self.onThread { ids[..<(size / 2)].compactMap { Mutation("completeWorkItem", $0).send(left) } }
      async let second = Self.onThread {
        ids[(size / 2)...].compactMap { Mutation("completeWorkItem", $0).send(right) }
      }
      let errors = await first + second
      #expect(errors == [])
      let after = try pair.found(found.id)
      #expect(after.counts["after\(size)"] == 1, "\(size) siblings")
      #expect(after.status("after\(size)") == "READY")
    }
    pair.stop()
  }

  /// Lets nobody through before all are there.
  private final class Barrier: @unchecked Sendable {  // its state is behind the condition's lock
    private let condition = NSCondition()
    private var missing: Int

    init(_ count: Int) { missing = count }

    func pass() {
      condition.lock()
      defer { condition.unlock() }
      missing -= 1
      if missing == 0 { condition.broadcast() }
      while missing > 0 { condition.wait() }
    }
  }

  @Test(
    "surprise 1: 12 typed nodes of a split that are done at once, behind a barrier, on two processes open their typed join exactly once"
  )
  func typedJoins() async throws {
    let pair = try await Pair()
    func node(_ slug: String, _ type: String, _ targets: [String]) throws {
      let edges = targets.map { "{target: \"\($0)\"}" }.joined(separator: ", ")
      try pair.ask(
        "mutation { saveNodeTask(input: {slug: \"\(slug)\", name: \"\(slug)\", type: \(type), edges: "
          + "[\(edges)]}) { clientMutationId } }"
      )
    }
    // People do every other branch, messages the rest.
    let branches = (0..<12).map { (slug: "branch\($0)", type: $0 % 2 == 0 ? "SIMPLE" : "CATCH_CALL") }
    try node("split", "SPLIT", branches.map(\.slug))
    for branch in branches { try node(branch.slug, branch.type, ["join"]) }
    try node("join", "JOIN", ["end"])
    try node("end", "END", [])
    try pair.ask(
      "mutation { saveWorkflow(input: {slug: \"fan\", name: \"Fan\", startTasks: [\"split\"]}) { clientMutationId } }")
    let ports = [pair.first.port, pair.second.port]
    var successes = 0
    for _ in 0..<Self.rounds {
      let found = try pair.start("fan")
      try #require(branches.allSatisfy { found.counts[$0.slug] == 1 })
      let barrier = Barrier(branches.count)
      let errors = await withTaskGroup(of: String?.self) { group in
        for (index, branch) in branches.enumerated() {
          let item = found.id(branch.slug)
          let mutation = branch.type == "SIMPLE"
            ? "completeWorkItem(input: {id: \"\(item)\"}) { clientMutationId }"
            : "deliverMessage(input: {workItem: \"\(item)\"}) { clientMutationId }"
          let port = ports[index / 2 % 2]
          group.addTask {
            await Self.onThread {
              barrier.pass()
              let answer = HTTPAnswer.graphql(port, "mutation { \(mutation) }")
              return answer.status == 200 && !answer.body.contains("\"errors\"")
                ? nil : "\(answer.status) \(answer.body)"
            }
          }
        }
        return await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
      }
      #expect(errors == [])
      let after = try pair.found(found.id)
      if after.counts["join"] == 1, after.status("join") == "COMPLETED", after.counts["end"] == 1,
        after.status == "COMPLETED"
      {
        successes += 1
      }
    }
    #expect(successes == Self.rounds)
    pair.stop()
  }

  @Test("of two operations on one item at once one wins, the other is refused, and the case goes on")
  func items() async throws {
    let pair = try await Pair()
    try pair.define("line", start: ["a"], flows: [(["a"], "'b'|task", nil), (["b"], "'c'|task", "'a'|task")])
    let operations = ["completeWorkItem", "cancelWorkItem", "suspendWorkItem", "skipWorkItem"]
    for round in 0..<Self.rounds {
      let other = operations[round % operations.count]
      let item = try pair.start("line")
      let (one, two) = await pair.race(Mutation("completeWorkItem", item.id("a")), Mutation(other, item.id("a")))
      let after = try pair.found(item.id)
      let won =
        one == nil
        ? "COMPLETED"
        : ["cancelWorkItem": "CANCELED", "suspendWorkItem": "SUSPENDED", "skipWorkItem": "SKIPPED"][other]
          ?? "COMPLETED"
      // A suspended or closed item can still be canceled only while it is open, so exactly one of the two succeeds.
      #expect((one == nil) != (two == nil), "\(other): \(one ?? "-"), \(two ?? "-")")
      #expect(Self.refusals.contains(one ?? two))
      #expect(after.status("a") == won)
      #expect(after.counts["b", default: 0] == (won == "COMPLETED" || won == "SKIPPED" ? 1 : 0))
      if won == "SUSPENDED" { #expect(Mutation("resumeWorkItem", item.id("a")).send(pair.second.port) == nil) }
    }
    pair.stop()
  }

  @Test("redoing an item against completing what followed from it: one wins, and the case goes on")
  func redo() async throws {
    let pair = try await Pair()
    try pair.define("line", start: ["a"], flows: [(["a"], "'b'|task", nil), (["b"], "'c'|task", "'a'|task")])
    for _ in 0..<Self.rounds {
      let started = try pair.start("line")
      #expect(Mutation("completeWorkItem", started.id("a")).send(pair.first.port) == nil)
      let before = try pair.found(started.id)
      let (redone, completed) = await pair.race(
        Mutation("redoWorkItem", before.id("a")), Mutation("completeWorkItem", before.id("b")))
      let after = try pair.found(started.id)
      #expect((redone == nil) != (completed == nil))
      #expect(Self.refusals.contains(redone ?? completed))
      #expect(after.status("a") == (redone == nil ? "READY" : "COMPLETED"))
      #expect(after.status("b") == (redone == nil ? "REDO" : "COMPLETED"))
      #expect(after.status("c") == (redone == nil ? nil : "READY"))
    }
    pair.stop()
  }

  @Test("an operation on a case against completing its items: nothing is lost, and no case is stuck")
  func cases() async throws {
    let pair = try await Pair()
    try pair.define("line", start: ["a"], flows: [(["a"], "'b'|task", nil)])
    for round in 0..<Self.rounds {
      let other = round % 2 == 0 ? "cancelCase" : "suspendCase"
      let started = try pair.start("line")
      let (completed, changed) = await pair.race(
        Mutation("completeWorkItem", started.id("a")), Mutation(other, started.id))
      var after = try pair.found(started.id)
      // The case can be canceled or suspended before and after, so only the completion may come too late.
      #expect(changed == nil)
      #expect(completed == nil || Self.refusals.contains(completed))
      #expect(after.status == (other == "cancelCase" ? "CANCELED" : "SUSPENDED"))
      let closed = other == "cancelCase" ? "CANCELED" : "SUSPENDED"
      #expect(after.status("a") == (completed == nil ? "COMPLETED" : closed))
      #expect(after.status("b") == (completed == nil ? closed : nil))
      guard other == "suspendCase" else { continue }
      #expect(Mutation("resumeCase", started.id).send(pair.second.port) == nil)
      after = try pair.found(started.id)
      #expect(after.isOpen)
    }
    pair.stop()
  }
}
