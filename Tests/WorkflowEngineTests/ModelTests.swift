import Expressions
import Foundation
import Testing
import WorkflowEngine

/// Generated workflows, driven through every order of operations that fits into a bound.
@Suite("Every interleaving of small workflows")
struct ModelTests {
  /// A workflow of splits, joins and sequences with up to eight tasks.
  struct Generator {
    var random: UInt64

    mutating func next(_ bound: Int) -> Int {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(truncatingIfNeeded: (random >> 33) % UInt64(bound))
    }

    struct Plan: CustomStringConvertible {
      var start: [String] = []
      var flows: [([String], String)] = []
      var redoable: [String: String] = [:]
      var tasks: [TaskDefinition] = []
      /// Whether the last tasks lead back to the first ones.
      var isLoop = false
      var description: String { "start \(start), flows \(flows)" }
    }

    /// - Parameter loops: whether the last layer leads back to the first one.
    mutating func plan(loops: Bool = false) -> Plan {
      var plan = Plan()
      var count = 0
      let limit = 2 + next(7)
      func slug(_ number: Int) -> String { "t\(number)" }
      // Layers: each is entered from all of the layer before it, through one join, or branch by branch.
      var width = 1 + next(min(3, limit))
      var layer = (0..<width).map(slug)
      count = width
      plan.start = layer
      while count < limit {
        width = min(1 + next(3), limit - count)
        let following = (count..<count + width).map(slug)
        count += width
        let list = "[" + following.map { "'\($0)'" }.joined(separator: ", ") + "]|tasks"
        switch next(3) {
        case 0 where layer.count == following.count:
          for (from, to) in zip(layer, following) { plan.flows.append(([from], "'\(to)'|task")) }
        case 1 where layer.count > 1:
          // The first branch ends on its own.
          plan.flows.append((Array(layer.dropFirst()), list))
        default:
          plan.flows.append((layer, list))
        }
        for task in following {
          plan.redoable[task] = "[" + layer.map { "'\($0)'" }.joined(separator: ", ") + "]|tasks"
        }
        layer = following
      }
      if next(3) == 0 {
        plan.tasks.append(
          TaskDefinition(slug: slug(next(count)), isMultipleInstance: true, addressGroups: "['x', 'y']"))
      }
      if loops {
        plan.isLoop = true
        plan.flows.append((layer, "[" + plan.start.map { "'\($0)'" }.joined(separator: ", ") + "]|tasks"))
      }
      return plan
    }
  }

  enum Move: CaseIterable { case complete, skip, cancel, suspend, resume, redo }

  static func command(_ move: Move, _ item: WorkItem) -> Command? {
    switch (move, item.status) {
    case (.complete, .ready): .completeWorkItem(item.id)
    case (.skip, .ready): .skipWorkItem(item.id)
    case (.cancel, .ready), (.cancel, .suspended): .cancelWorkItem(item.id)
    case (.suspend, .ready): .suspendWorkItem(item.id)
    case (.resume, .suspended): .resumeWorkItem(item.id)
    case (.redo, .completed), (.redo, .skipped): .redoWorkItem(item.id)
    default: nil
    }
  }

  /// States of each workflow; `make stress` looks at more.
  static let bound = ProcessInfo.processInfo.environment["MILLRACE_MODEL_STATES"].flatMap(Int.init) ?? 400

  /// What tells two families apart for what can happen next.
  struct Signature: Hashable {
    var status: CaseStatus?
    var items: [String]

    init(_ bench: Bench) {
      status = bench.caseStatus
      // By task and groups, not by id: without loops that names an item, and orders that come to the same are one state.
      func name(_ item: WorkItem) -> String { "\(item.task) \(item.addressedGroups)" }
      items = bench.state.workItems.map { item in
        let previous = item.previousWorkItem.flatMap(bench.state.workItem).map(name) ?? "none"
        return "\(name(item)) \(item.status) \(item.isJoined) \(previous)"
      }.sorted()
    }
  }

  static func isOpen(_ bench: Bench) -> Bool { bench.state.workItems.contains { $0.status.isOpen } }

  /// What has to hold after every command.
  static func check(_ bench: Bench, after move: Move, _ plan: Generator.Plan) {
    if bench.caseStatus == .completed { #expect(!isOpen(bench), "completed with open items: \(plan)") }
    if bench.caseStatus == .running && !isOpen(bench) {
      #expect(move == .cancel, "stuck: \(plan) \(Signature(bench).items)")
    }
    // The log tells what the rows are.
    #expect(
      FamilyState(folding: bench.log) == FamilyState(cases: bench.state.cases, workItems: bench.state.workItems),
      "\(plan) \(bench.log.map(\.name))")
    guard !plan.isLoop else { return }
    // Without loops a task is entered once; items in redo become ready again instead of being doubled.
    var perTask: [String: Int] = [:]
    for item in bench.state.workItems { perTask[item.task, default: 0] += 1 }
    for (task, count) in perTask {
      let limit = bench.definitions.task(task)?.isMultipleInstance == true ? 2 : 1
      #expect(count <= limit, "\(task) was entered twice: \(plan) \(Signature(bench).items)")
    }
  }

  /// Goes on from a state until nothing is open: the case has to be complete then.
  static func finish(_ start: Bench, _ plan: Generator.Plan) throws {
    var bench = start
    var moves = 0
    while let item = bench.state.workItems.first(where: { $0.status.isOpen }) {
      moves += 1
      guard moves < 200 else {
        Issue.record("never ends: \(plan)")
        return
      }
      let move: Move = item.status == .suspended ? .resume : .complete
      guard let command = command(move, item) else { return }
      try bench.run(command)
      check(bench, after: move, plan)
    }
    if moves > 0 { #expect(bench.caseStatus == .completed, "\(plan)") }
  }

  @Test(
    "no case is stuck, a case completes exactly when nothing is open, no join opens twice, the log gives the rows",
    arguments: 0..<240)
  func interleavings(seed: Int) throws {
    var generator = Generator(random: UInt64(seed) &* 7919 &+ 17)
    let plan = generator.plan(loops: seed % 6 == 5)
    var first = Bench(start: plan.start, flows: plan.flows, redoable: plan.redoable, tasks: plan.tasks)
    try first.start()
    var seen: Set<Signature> = [Signature(first)]
    var pending = [(first, 0)]
    var visited = 0
    while let (bench, depth) = pending.popLast(), visited < Self.bound {
      visited += 1
      if visited % 8 == 1, !plan.isLoop { try Self.finish(bench, plan) }
      guard depth < (plan.isLoop ? 10 : 1000), bench.caseStatus == .running else { continue }
      for item in bench.state.workItems {
        for move in Move.allCases {
          guard let command = Self.command(move, item) else { continue }
          var after = bench
          if move == .redo, after.refusal(command) != nil { continue }
          if move != .redo { try after.run(command) }
          Self.check(after, after: move, plan)
          // The same command on the same state has the same steps and the same result.
          if visited % 16 == 1 {
            var again = bench
            try again.run(command)
            #expect(again.state == after.state && again.events == after.events && again.changes == after.changes)
          }
          if seen.insert(Signature(after)).inserted { pending.append((after, depth + 1)) }
        }
      }
    }
  }

  @Test("the changes that a command names are all that it changed", arguments: 0..<40)
  func changesAreComplete(seed: Int) throws {
    var generator = Generator(random: UInt64(seed) &* 104_729 &+ 3)
    let plan = generator.plan()
    var bench = Bench(start: plan.start, flows: plan.flows, redoable: plan.redoable, tasks: plan.tasks)
    try bench.start()
    for _ in 0..<40 where bench.caseStatus == .running {
      let item = bench.state.workItems[generator.next(bench.state.workItems.count)]
      guard let command = Self.command(Move.allCases[generator.next(6)], item) else { continue }
      let before = bench.state
      guard bench.refusal(command) == nil else { continue }
      let named = Set(bench.changes)
      for item in bench.state.workItems {
        guard let old = before.workItem(item.id) else {
          #expect(named.contains(.insertWorkItem(item.id)))
          continue
        }
        #expect((old != item) == named.contains(.updateWorkItem(item.id)))
      }
      for found in bench.state.cases where before.case(found.id) != found {
        #expect(named.contains(.updateCase(found.id)))
      }
    }
  }

  @Test("with loops, too, a case completes only when nothing is open, and its steps repeat", arguments: 0..<120)
  func loops(seed: Int) throws {
    var generator = Generator(random: UInt64(seed) &* 15_485_863 &+ 5)
    let plan = generator.plan(loops: true)
    var bench = Bench(start: plan.start, flows: plan.flows, redoable: plan.redoable, tasks: plan.tasks)
    try bench.start()
    for _ in 0..<80 where bench.caseStatus == .running {
      let open = bench.state.workItems.filter { $0.status.isOpen }
      guard !open.isEmpty else { break }
      let item = open[generator.next(open.count)]
      let move: Move = item.status == .suspended ? .resume : [.complete, .complete, .complete, .skip, .suspend][generator.next(5)]
      guard let command = Self.command(move, item) else { continue }
      var again = bench
      try bench.run(command)
      try again.run(command)
      #expect(again.state == bench.state && again.events == bench.events)
      if bench.caseStatus == .completed { #expect(!Self.isOpen(bench)) }
      if bench.caseStatus == .running { #expect(Self.isOpen(bench), "stuck: \(plan) \(Signature(bench).items)") }
      // A join opens once for each round of its branches, so no task is ahead of what it follows from.
      for flow in plan.flows where flow.0.count > 1 {
        let closed = flow.0.map { task in bench.items(task).count { $0.status.isDone } }
        guard let expression = try? Expression(flow.1), let next = expression.analyze().tasks.first,
          !plan.start.contains(next), plan.tasks.isEmpty
        else { continue }
        #expect(bench.items(next).count <= closed.min() ?? 0, "\(plan) \(Signature(bench).items)")
      }
    }
  }

  @Test("a join of 64 opens once, and after each of three rounds of a loop")
  func wide() throws {
    let names = (0..<64).map { "s\($0)" }
    let all = "[" + names.map { "'\($0)'" }.joined(separator: ", ") + "]|tasks"
    var bench = Bench(start: names, flows: [(names, "'after'|task"), (["after"], all)])
    try bench.start()
    for round in 1...3 {
      for name in round % 2 == 0 ? names.reversed() : names { try bench.complete(name) }
      #expect(bench.items("after").count == round)
      try bench.complete("after")
    }
  }

  @Test("a clock that goes back does not change the order of rounds")
  func clock() throws {
    var bench = Bench(start: ["a", "b"], flows: [(["a", "b"], "'c'|task"), (["c"], "['a', 'b']|tasks")])
    for round in 0..<3 {
      if round == 0 { try bench.start() }
      for task in ["a", "b", "c"] {
        bench.now -= 50_000
        try bench.complete(task)
        // As the store does: rows come back in the order of their creation.
        bench.state = FamilyState(cases: bench.state.cases, workItems: bench.state.workItems.reversed())
      }
      #expect(bench.items("c").count == round + 1)
      #expect(bench.items("a").count == round + 2)
    }
  }
}
