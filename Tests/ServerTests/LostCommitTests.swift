import API
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

/// A server whose connections to the database break around COMMIT.
@Suite("Connections lost during COMMIT, seen by clients")
struct LostCommitTests {
  /// Mutations in all; `make stress` asks for 20 000.
  private static let total = ProcessInfo.processInfo.environment["MILLRACE_LOST_COMMITS"].flatMap { Int($0) } ?? 1_000

  /// Fates from a generator that always gives the same ones: one COMMIT in ten is lost.
  private final class Fates: Sendable {
    private let state = Mutex<UInt64>(42)

    func next() -> CommitProxy.Fate {
      let value = state.withLock { state in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % 100
      }
      return value < 5 ? .dropBefore : value < 10 ? .dropAfter : .forward
    }
  }

  /// What a client learned of its mutation.
  private struct Report: Sendable {
    let number: Int
    /// The case that it was told of; nil when it was told of a failure.
    let caseID: String?
    let failure: String?
    let tries: Int
  }

  private static func start(_ port: UInt16, _ number: Int) -> Report {
    // Every other client repeats its request until it has an answer that stays.
    let isKeyed = number % 2 == 0
    var tries = 0
    while true {
      tries += 1
      let answer = HTTPAnswer.graphql(
        port, "mutation Start($meta: JSONString) { startCase(input: {workflow: \"w\", meta: $meta}) { case { id } } }",
        variables: "{\"meta\":\"{\\\"n\\\":\(number)}\"}",
        fields: isKeyed ? ["idempotency-key: \"start-\(number)\""] : [])
      if answer.status == 200, let id = answer.value("id"), !answer.body.contains("\"errors\"") {
        return Report(number: number, caseID: uuid(id), failure: nil, tries: tries)
      }
      let code = answer.value("code") ?? "status \(answer.status)"
      if isKeyed, tries < 100, ["UNAVAILABLE", "CONFLICT", "OUTCOME_UNKNOWN"].contains(code) {
        usleep(5_000)
        continue
      }
      return Report(number: number, caseID: nil, failure: code, tries: tries)
    }
  }

  /// The key in a global id.
  private static func uuid(_ id: String) -> String {
    guard let data = Data(base64Encoded: id) else { return id }
    return String(decoding: data, as: UTF8.self).split(separator: ":").last.map(String.init) ?? id
  }

  @Test("with and without idempotency keys: no duplicate, no loss, no wrong answer", .timeLimit(.minutes(30)))
  func lostCommits() async throws {
    let conninfo = try await TestCluster.database()
    _ = try await withDatabase(at: conninfo) {
      try await Migrator(database: $0, known: EmbeddedMigrations.all).run()
    }
    let fates = Fates()
    let isLossy = Atomic(false)
    let proxy = try CommitProxy(for: conninfo) { isLossy.load(ordering: .relaxed) ? fates.next() : .forward }
    let server = try ServerProcess(environment: ["DATABASE_URL": proxy.conninfo])
    for mutation in [
      "mutation { saveSimpleTask(input: {slug: \"a\", name: \"A\"}) { clientMutationId } }",
      "mutation { saveWorkflow(input: {slug: \"w\", name: \"W\", startTasks: [\"a\"]}) { clientMutationId } }",
    ] {
      let answer = HTTPAnswer.graphql(server.port, mutation)
      try #require(answer.status == 200 && !answer.body.contains("errors"))
    }
    isLossy.store(true, ordering: .relaxed)
    let port = server.port
    let reports = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        let collected = Mutex<[Report]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { client in
          for number in stride(from: client, to: Self.total, by: 8) {
            let report = Self.start(port, number)
            collected.withLock { $0.append(report) }
          }
        }
        continuation.resume(returning: collected.withLock { $0 })
      }
    }
    isLossy.store(false, ordering: .relaxed)
    let stored = try await withDatabase(at: conninfo) { database in
      let rows = try await database.query("select (meta->>'n')::int, id::text from cases")
      return (0..<rows.count).map { (Int(rows.int32($0, 0)), rows.text($0, 1)) }
    }
    var byNumber: [Int: [String]] = [:]
    for (number, id) in stored { byNumber[number, default: []].append(id) }
    #expect(reports.count == Self.total)
    for report in reports {
      let cases = byNumber[report.number] ?? []
      if let id = report.caseID {
        #expect(cases == [id], "Mutation \(report.number) was answered with \(id) after \(report.tries) tries.")
      } else {
        #expect(report.failure == "UNAVAILABLE" && cases.isEmpty, "Mutation \(report.number): \(report.failure ?? "")")
      }
      if report.number % 2 == 0 { #expect(report.caseID != nil) }
    }
    let lost = proxy.dropped
    #expect(lost.before > Self.total / 40 && lost.after > Self.total / 40)
    let failures = reports.count { $0.caseID == nil }
    let repeated = reports.count { $0.tries > 1 }
    print(
      "\(Self.total) mutations, \(lost.before) connections lost before COMMIT and \(lost.after) after: \(failures) told of a failure, \(repeated) repeated."
    )
    #expect(server.stop() == 0)
    proxy.close()
  }
}
