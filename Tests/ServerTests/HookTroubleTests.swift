import API
import Foundation
import HTTPServer
import Postgres
import Synchronization
import TestSupport
import Testing

/// Hooks while the database, the way to it, or the servers that send webhooks are in trouble.
@Suite("Hooks in trouble")
struct HookTroubleTests {
  private static let cases = 30

  /// Shared by those who make trouble and those who end it.
  private final class Trouble: Sendable {
    let isOn = Atomic(false)
    let count = Atomic(0)
  }

  @Test("with the database killed again and again every event has exactly one effect")
  func databaseKilled() async throws {
    let directory = try TestFiles.directory("hooks")
    let server = try ServerProcess(
      program: "HookProbe", arguments: ["--data-dir", directory, "--hook-lease", "1000", "--hook-retries", "0.1,0.1"],
      environment: ["EVENT_RECEIVER_MODULES": "effects"])
    let conninfo = "host=\(directory)/run user=millrace dbname=postgres"
    try await withDatabase(at: conninfo) { try await HookProcesses.prepareEffects($0) }
    try HookProcesses.define(server.port, hook: ", isOrdered: true")
    let port = server.port
    let trouble = Trouble()
    trouble.isOn.store(true, ordering: .relaxed)
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        await HookProcesses.onThread {
          while trouble.isOn.load(ordering: .relaxed) {
            if let text = try? String(contentsOfFile: "\(directory)/postgres/postmaster.pid", encoding: .utf8),
              let postmaster = pid_t(text.prefix { $0.isNumber }), kill(postmaster, SIGKILL) == 0
            {
              trouble.count.add(1, ordering: .relaxed)
            }
            // Time for some work between two of them.
            _ = eventually(within: 20) { HTTPAnswer.get(port, "/readyz").status == 200 }
            usleep(700_000)
          }
        }
      }
      await HookProcesses.startCases(Self.cases) { port }
      trouble.isOn.store(false, ordering: .relaxed)
    }
    let isBack = eventually(within: 30) { HTTPAnswer.get(port, "/readyz").status == 200 }
    #expect(isBack && trouble.count.load(ordering: .relaxed) > 0)
    try await withDatabase(at: conninfo) { database in
      try await HookProcesses.waitForDeliveries(database, seconds: 60)
      try await HookProcesses.expectOneEffectEach(database, events: Self.cases * 10)
    }
    #expect(server.stop() == 0)
  }

  @Test("with connections lost around one COMMIT in ten every event has exactly one effect")
  func connectionsLost() async throws {
    let conninfo = try await HookProcesses.prepare()
    let trouble = Trouble()
    let proxy = try CommitProxy(for: conninfo) {
      guard trouble.isOn.load(ordering: .relaxed) else { return .forward }
      let number = trouble.count.add(1, ordering: .relaxed).newValue
      return number % 20 == 7 ? .dropBefore : number % 20 == 17 ? .dropAfter : .forward
    }
    let server = try HookProcesses.serve(proxy.conninfo)
    try HookProcesses.define(server.port, hook: ", isOrdered: true")
    trouble.isOn.store(true, ordering: .relaxed)
    let port = server.port
    await HookProcesses.startCases(Self.cases) { port }
    try await HookProcesses.looking(conninfo) { database in
      try await HookProcesses.waitForDeliveries(database, seconds: 60)
      try await HookProcesses.expectOneEffectEach(database, events: Self.cases * 10)
    }
    trouble.isOn.store(false, ordering: .relaxed)
    #expect(proxy.dropped.before > 5 && proxy.dropped.after > 5)
    #expect(server.stop() == 0)
    proxy.close()
  }

  @Test("with servers killed and paused, and an endpoint that fails at times, every webhook comes, always with its id")
  func webhooks() async throws {
    struct Arrivals {
      /// The ids that came for each family and number.
      var byEvent: [String: Set<String>] = [:]
      var count = 0
    }
    let arrivals = Mutex(Arrivals())
    let endpoint = try await StubServer { request in
      let number = arrivals.withLock { arrivals in
        arrivals.count += 1
        arrivals.byEvent[Self.event(request), default: []].insert(request.header("webhook-id") ?? "")
        return arrivals.count
      }
      return HTTPResponse(status: number % 7 == 0 ? 500 : 204)
    }
    let conninfo = try await HookProcesses.prepare()
    let fleet = try Fleet(count: 2) {
      try HookProcesses.serve(conninfo, ["--webhook-loopback", "yes", "--webhook-timeout", "2000"])
    }
    try HookProcesses.define(fleet.port(), webhook: "\(endpoint.address)/in")
    async let killing: Void = HookProcesses.onThread { fleet.kill() }
    async let pausing: Void = HookProcesses.onThread { fleet.pause(1.5) }
    await HookProcesses.startCases(Self.cases) { fleet.port() }
    try await HookProcesses.looking(conninfo) { database in
      try await HookProcesses.waitForDeliveries(database, seconds: 90)
      let ids = try await database.query(
        "select family::text || ' ' || seq, id::text from hook_deliveries where status = 'delivered'")
      #expect(ids.count == Self.cases * 10)
      let seen = arrivals.withLock { $0.byEvent }
      #expect(seen.count == Self.cases * 10)
      for row in 0..<ids.count { #expect(seen[ids.text(row, 0)] == [ids.text(row, 1)]) }
    }
    fleet.endChaos()
    _ = await (killing, pausing)
    #expect(fleet.troubles.kills > 0 && fleet.troubles.pauses > 0)
    #expect(arrivals.withLock { $0.count } > Self.cases * 10)
    fleet.stop()
    await endpoint.stop()
  }

  /// The family and the number of the event that a webhook tells of.
  private static func event(_ request: HTTPRequest) -> String {
    let body = request.withBody { Data($0) }
    let message = try? JSONSerialization.jsonObject(with: body) as? [String: Any]
    let data = message?["data"] as? [String: Any]
    return "\(data?["family"] as? String ?? "-") \(data?["sequence"] as? Int ?? 0)"
  }
}
