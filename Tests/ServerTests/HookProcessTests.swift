import API
import EventLoop
import Foundation
import GraphQL
import Postgres
import TestSupport
import Testing

/// Hooks in several server processes over one database. `make stress` asks for four processes and 20 000 events.
@Suite("Hooks in several processes")
struct HookProcessTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let events = environment["MILLRACE_HOOK_EVENTS"].flatMap { Int($0) } ?? 400
  private static let processes = environment["MILLRACE_HOOK_PROCESSES"].flatMap { Int($0) } ?? 2
  /// How long a paused process is paused, in seconds: longer than its claims are its own.
  private static let pause = environment["MILLRACE_HOOK_PAUSE"].flatMap { Double($0) } ?? 2

  // MARK: The hooking guide's two paragraphs

  @Test("a hook in one process's memory is not called for an event in another")
  func memory() async throws {
    let conninfo = try await HookProcesses.prepare()
    let first = try HookProcesses.serve(conninfo, ["--hook-backend", "memory"])
    let second = try HookProcesses.serve(conninfo, ["--hook-backend", "memory"])
    try HookProcesses.define(first.port)
    let elsewhere = HookProcesses.start(second.port)
    let here = HookProcesses.start(first.port)
    #expect(elsewhere.value("status") == "RUNNING" && here.value("status") == "RUNNING")
    try await HookProcesses.looking(conninfo) { database in
      #expect(try await HookProcesses.wait(database, seconds: 60, "select count(*) >= 10 from effects"))
      let families = try await HookProcesses.number(database, "select count(distinct family) from effects")
      let effects = try await HookProcesses.number(database, "select count(*) from effects")
      #expect(families == 1 && effects == 10)
      let stored = try await HookProcesses.number(
        database, "select (select count(*) from hooks) + (select count(*) from hook_deliveries)")
      #expect(stored == 0)
    }
    let listed = HTTPAnswer.graphql(second.port, "{ allHooks { totalCount } }").body
    #expect(listed.contains("\"totalCount\":0"))
    #expect(first.stop() == 0)
    #expect(second.stop() == 0)
  }

  @Test("a hook in the database is called for an event in any process, once")
  func database() async throws {
    let conninfo = try await HookProcesses.prepare()
    let first = try HookProcesses.serve(conninfo)
    let second = try HookProcesses.serve(conninfo)
    try HookProcesses.define(first.port)
    // Registered in one process, the next event in the other: no time in between.
    #expect(HookProcesses.start(second.port).value("status") == "RUNNING")
    try HookProcesses.saveHook(second.port, ", isEnabled: false")
    #expect(HookProcesses.start(first.port).value("status") == "RUNNING")
    try HookProcesses.saveHook(first.port, ", isEnabled: true")
    #expect(HookProcesses.start(second.port).value("status") == "RUNNING")
    try await HookProcesses.looking(conninfo) { database in
      #expect(
        try await HookProcesses.wait(
          database, seconds: 60, "select count(*) = 20 from hook_deliveries where status = 'delivered'"))
      let effects = try await HookProcesses.number(database, "select count(*) from effects")
      let families = try await HookProcesses.number(database, "select count(distinct family) from effects")
      #expect(effects == 20 && families == 2)
    }
    #expect(first.stop() == 0)
    #expect(second.stop() == 0)
  }

  // MARK: Exactly once

  @Test("with processes killed and paused at random every event has exactly one effect, in its family's order")
  func chaos() async throws {
    let conninfo = try await HookProcesses.prepare()
    let fleet = try Fleet(count: Self.processes) { try HookProcesses.serve(conninfo) }
    try HookProcesses.define(fleet.port(), hook: ", isOrdered: true")
    let cases = Self.events / 10
    // On threads of their own: all of them wait in system calls, which Swift's own threads are too few for.
    async let killing: Void = HookProcesses.onThread { fleet.kill() }
    async let pausing: Void = HookProcesses.onThread { fleet.pause(Self.pause) }
    await HookProcesses.startCases(cases) { fleet.port() }
    try await HookProcesses.looking(conninfo) { database in
      let isDone = try await HookProcesses.wait(
        database, seconds: 120 + Self.events / 20,
        "select not exists (select 1 from hook_deliveries where status = 'pending')")
      #expect(isDone)
    }
    fleet.endChaos()
    _ = await (killing, pausing)
    try await HookProcesses.looking(conninfo) { database in
      try await HookProcesses.expectOneEffectEach(database, events: cases * 10)
      #expect(fleet.troubles.kills > 0 && fleet.troubles.pauses > 0)
      let repeated = try await HookProcesses.number(database, "select count(*) from hook_deliveries where attempts > 1")
      print(
        "\(cases * 10) events, as many effects, \(repeated) deliveries in several attempts, \(fleet.troubles.kills) kills, \(fleet.troubles.pauses) pauses"
      )
    }
    fleet.stop()
  }
}
