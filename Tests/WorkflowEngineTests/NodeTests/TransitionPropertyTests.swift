import Testing
import WorkflowEngine

/// What is offered is what succeeds.
@Suite("Available transitions")
struct TransitionPropertyTests {
  private static let nodes = [
    node("p", .split, "a", "x", "c", "j", "t", "sub"),
    node("a", .simple, "join") {
      $0.permission = AccessRule(users: ["ada", "bob"])
      $0.management = AccessRule(users: ["ada"])
      $0.boundaries = [BoundaryDefinition(.timer, target: "late", delay: .seconds(60), isInterrupting: false)]
    },
    node("x", .simple, "join") {
      $0.isExclusive = true
      $0.mutex = "desk"
    },
    node("c", .catchCall, "join"), node("j", .job, "join") { $0.handler = "work" },
    node("t", .timer, "join") { $0.delay = .seconds(60) },
    node("sub", .subprocess, "join") { $0.subprocess = SubprocessDefinition("child") },
    node("late", .simple) { $0.mutex = "desk" }, node("join", .join, "if") { $0.join = JoinPolicy(.count("4")) },
    node("if", .if, edges: [.when("count.end < 1", "end"), .otherwise("h")]), node("h", .handler, "end") { $0.handler = "break" },
    node("end", .end),
  ]

  private static func bench() throws -> Bench {
    var bench = Bench("p", nodes: nodes)
    bench.add("child", start: ["inner"], [node("inner")])
    bench.handlers["break"] = { _, _ in .failed(WorkItemFailure(message: "no")) }
    try bench.begin()
    return bench
  }

  private static func command(_ transition: Transition, _ id: EntityID) -> Command? {
    switch transition {
    case .assign: .assignWorkItem(id, users: ["ida"])
    case .unassign: .unassignWorkItem(id)
    case .reassign: .reassignWorkItem(id, users: ["jim"])
    case .claim: .claimWorkItem(id)
    case .start: .startWorkItem(id)
    case .complete: .completeWorkItem(id)
    case .skip: .skipWorkItem(id)
    case .cancel: .cancelWorkItem(id)
    case .suspend: .suspendWorkItem(id)
    case .resume: .resumeWorkItem(id)
    case .redo: .redoWorkItem(id)
    case .undo: .undoWorkItem(id, cascade: false)
    case .revive: .reviveWorkItem(id)
    case .retry: .retryWorkItem(id)
    case .prepare: .prepareWorkItem(id)
    case .activate: .activateWorkItem(id)
    case .activateNext: .activateNext(id)
    case .deliver: .deliver(Delivery(to: id))
    case .fire: .fireTimer(id)
    case .startJob: .startJob(id)
    case .finishJob: .finishJob(id, HandlerResult())
    case .failJob: .failJob(id, WorkItemFailure(message: "no"))
    }
  }

  /// A command that was offered may fail later, where something behind the item fails; it is not refused at once.
  private static func isRefused(_ bench: Bench, _ command: Command) -> EngineError? {
    var execution = bench.execution(command)
    do throws(EngineError) {
      _ = try execution.next()
      return nil
    } catch {
      return error
    }
  }

  @Test("in a thousand states each transition is offered exactly when its command is not refused, with the same reason", arguments: 0..<8)
  func agree(seed: Int) throws {
    var random = SplitMix(state: UInt64(seed) &* 7_919 &+ 1)
    var bench = try Self.bench()
    var tried = 0
    for _ in 0..<130 {
      bench.caller = [Caller(user: "ada"), Caller(user: "bob"), Caller(user: "eve"), Caller()][Int(random.next() % 4)]
      var open: [Command] = []
      for item in bench.state.workItems {
        for transition in Transition.allCases {
          guard let command = Self.command(transition, item.id) else { continue }
          var execution = bench.execution(command)
          let offer = execution.offer(transition, item.id)
          let refusal = Self.isRefused(bench, command)
          // What fails behind the item is no refusal of the transition.
          if refusal?.code == .failed && offer.canProceed { continue }
          #expect(offer.refusal == refusal, "\(transition) of \(item.task), \(item.status), by \(bench.caller.user ?? "nobody")")
          tried += 1
          if offer.canProceed { open.append(command) }
        }
      }
      guard !open.isEmpty else {
        bench = try Self.bench()
        continue
      }
      _ = try? bench.run(open[Int(random.next() % UInt64(open.count))])
      bench.expectFold()
      if bench.state.workItems.count > 40 || bench.caseStatus != .running { bench = try Self.bench() }
    }
    #expect(tried > 10_000)
  }

  @Test("whatever was done, undoing with all that followed and beginning again leaves an open item, and the log tells what the rows are", arguments: 0..<4)
  func beginAgain(seed: Int) throws {
    var random = SplitMix(state: UInt64(seed) &* 104_729 &+ 3)
    var bench = try Self.bench()
    bench.handlers["break"] = { _, _ in .done(HandlerResult()) }
    bench.caller = Caller(user: "ada")
    var count = 0
    for _ in 0..<120 {
      var open: [(command: Command, item: WorkItem)] = []
      for item in bench.state.workItems {
        for transition in [Transition.complete, .cancel, .deliver, .fire, .startJob, .finishJob, .claim, .start, .prepare, .activate, .activateNext] {
          guard let command = Self.command(transition, item.id), Self.isRefused(bench, command) == nil else { continue }
          open.append((command, item))
        }
        let again = Command.undoWorkItem(item.id, cascade: true, reopen: true)
        if item.status == .completed, Self.isRefused(bench, again) == nil { open.append((again, item)) }
      }
      guard !open.isEmpty, bench.state.workItems.count < 45 else {
        bench.state = FamilyState()
        bench.log = []
        bench.caller = Caller(user: "ada")
        try bench.begin()
        continue
      }
      let (command, item) = open[Int(random.next() % UInt64(open.count))]
      try bench.run(command)
      bench.expectFold()
      expectSingle(bench)
      guard case .undoWorkItem = command, let type = bench.definitions.task(item.task)?.type else { continue }
      count += 1
      let after = try #require(bench.state.workItem(item.id))
      #expect(bench.state.cases[0].status == .running || after.status == .completed)
      // What runs by itself may be done again already, or wait for a case that it has started anew; then something has followed from it anew.
      if type.isHuman { #expect(after.status == .ready && after.closedAt == nil && after.activation.closedReason == nil) }
      #expect(after.status != .canceled && after.status != .running || type == .splitFirst || type == .subprocess, "\(item.task) \(after.status)")
    }
    #expect(count > 5)
  }

  /// However often something was told to go on, nothing stands twice behind an item, on either side of a join.
  private func expectSingle(_ bench: Bench) {
    let execution = bench.execution(.cancelCase(bench.root))
    for item in bench.state.workItems where item.status.isDone {
      let tasks = execution.followers(of: item.id).filter { $0.status != .canceled }.map(\.task)
      #expect(Set(tasks).count == tasks.count, "\(item.task) is followed by \(tasks)")
    }
    for join in bench.state.workItems where join.task == "join" && join.status.isDone {
      let others = bench.items("join").filter { $0.status.isDone && $0.id != join.id }
      let come = Set(join.activation.predecessors)
      #expect(others.allSatisfy { come.isDisjoint(with: $0.activation.predecessors) })
    }
  }

  /// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
  private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
