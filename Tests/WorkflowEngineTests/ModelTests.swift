import Expressions
import Foundation
import Testing
import WorkflowEngine

/// Generated workflows, driven through every order of operations.
@Suite("Every interleaving of small workflows")
struct ModelTests {
  /// `make stress` looks at more workflows.
  static let isStress = ProcessInfo.processInfo.environment["MILLRACE_MODEL"] == "stress"

  static func walk(_ workflow: GeneratedWorkflow) throws {
    var walk = try ModelWalk(workflow)
    walk.run()
    let (problems, isExhaustive) = (walk.problems, walk.isExhaustive)
    #expect(problems.isEmpty)
    #expect(isExhaustive, "cut short after \(walk.stateCount) states")
  }

  @Test(
    "no case is stuck, a case completes exactly when nothing is open, no join opens twice, the log gives the rows",
    arguments: 0..<(isStress ? 2_000 : 200))
  func interleavings(seed: Int) throws {
    var random = RandomNumbers(state: UInt64(seed) &* 7919 &+ 17)
    // Items for groups make for the most states.
    try Self.walk(GeneratedWorkflow(random: &random, groups: Self.isStress || seed % 2 == 0))
  }

  @Test("the same with loops, until a third round begins", arguments: 0..<(isStress ? 120 : 32))
  func loops(seed: Int) throws {
    var random = RandomNumbers(state: UInt64(seed) &* 15_485_863 &+ 5)
    try Self.walk(GeneratedWorkflow(random: &random, tasks: 5, loops: true))
  }

  @Test("what a signature leaves out makes no difference to what can follow", arguments: 0..<24)
  func signatures(seed: Int) throws {
    var random = RandomNumbers(state: UInt64(seed) &* 32_452_843 &+ 11)
    // Here states are many: all orders of closing, completed or skipped, who came last.
    let workflow =
      switch seed % 4 {
      case 0: GeneratedWorkflow(random: &random, tasks: 2, groups: false, loops: true)
      case 1: GeneratedWorkflow(random: &random, tasks: 4, groups: false)
      default: GeneratedWorkflow(random: &random, tasks: 3)
      }
    var walk = try ModelWalk(workflow)
    var pending = [try walk.first()]
    var seen: Set<[Int]> = []
    /// For each move where it leads to.
    var following: [FamilySignature: [Set<FamilySignature?>]] = [:]
    while let family = pending.popLast() {
      var own = [Set<FamilySignature?>](repeating: [], count: ModelWalk.Move.allCases.count)
      for item in family.state.workItems where family.state.cases.first?.status == .running {
        for move in ModelWalk.Move.allCases {
          guard let after = walk.make(move, item, on: family) else { continue }
          let signature = walk.places.signature(after.state)
          own[Int(move.rawValue)].insert(signature)
          if signature != nil, seen.insert(Self.details(of: after.state)).inserted { pending.append(after) }
        }
      }
      let signature = try #require(walk.places.signature(family.state))
      if let known = following[signature], known != own {
        Issue.record("\(workflow): \(family.path) differs from another way to the same")
        return
      }
      following[signature] = own
    }
    let problems = walk.problems
    #expect(problems.isEmpty)
  }

  /// All of a family but for ids, times and versions, with the order in which items were closed.
  private static func details(of state: FamilyState) -> [Int] {
    let order = state.workItems.compactMap(\.closedAt).sorted()
    return state.workItems.flatMap { item in
      [
        Int(item.task.dropFirst()) ?? 0, item.addressedGroups == ["y"] ? 1 : 0,
        WorkItemStatus.allCases.firstIndex(of: item.status) ?? 0, item.isJoined ? 1 : 0,
        state.workItems.firstIndex { $0.id == item.previousWorkItem } ?? -1,
        item.closedAt.flatMap(order.firstIndex) ?? -1,
      ]
    }
  }

  @Test("the changes that a command names are all that it changed", arguments: 0..<40)
  func changesAreComplete(seed: Int) throws {
    var random = RandomNumbers(state: UInt64(seed) &* 104_729 &+ 3)
    var bench = Bench(GeneratedWorkflow(random: &random))
    try bench.start()
    for _ in 0..<40 where bench.caseStatus == .running {
      let item = bench.state.workItems[random.next(bench.state.workItems.count)]
      guard let command = ModelWalk.command(ModelWalk.Move.allCases[random.next(6)], item) else { continue }
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

  @Test(
    "through any number of rounds a case completes exactly when nothing is open, and its steps repeat",
    arguments: 0..<120)
  func longLoops(seed: Int) throws {
    var random = RandomNumbers(state: UInt64(seed) &* 15_485_863 &+ 5)
    let workflow = GeneratedWorkflow(random: &random, loops: true)
    var bench = Bench(workflow)
    try bench.start()
    for _ in 0..<80 where bench.caseStatus == .running {
      let open = bench.state.workItems.filter { $0.status.isOpen }
      guard !open.isEmpty else { break }
      let item = open[random.next(open.count)]
      let moves: [ModelWalk.Move] = [.complete, .complete, .complete, .skip, .suspend]
      let move = item.status == .suspended ? .resume : moves[random.next(5)]
      guard let command = ModelWalk.command(move, item) else { continue }
      var again = bench
      try bench.run(command)
      try again.run(command)
      #expect(again.state == bench.state && again.events == bench.events)
      let isOpen = bench.state.workItems.contains { $0.status.isOpen }
      #expect(isOpen == (bench.caseStatus == .running), "\(workflow)")
      // A join opens once for each round of its branches, so no task is ahead of what it follows from.
      for flow in workflow.flows where flow.from.count > 1 && workflow.multiple == nil {
        let closed = flow.from.map { task in bench.items(GeneratedWorkflow.slug(task)).count { $0.status.isDone } }
        guard let next = flow.next.first, !workflow.start.contains(next) else { continue }
        #expect(bench.items(GeneratedWorkflow.slug(next)).count <= closed.min() ?? 0, "\(workflow)")
      }
    }
  }

  @Test("the whole log of a long way through a loop tells what the rows are", arguments: 0..<40)
  func longLogs(seed: Int) throws {
    var random = RandomNumbers(state: UInt64(seed) &* 86_028_121 &+ 7)
    var bench = Bench(GeneratedWorkflow(random: &random, loops: true))
    try bench.start()
    for _ in 0..<60 {
      let item = bench.state.workItems[random.next(bench.state.workItems.count)]
      guard let command = ModelWalk.command(ModelWalk.Move.allCases[random.next(6)], item) else { continue }
      _ = bench.refusal(command)
    }
    #expect(
      FamilyState(folding: bench.log) == FamilyState(cases: bench.state.cases, workItems: bench.state.workItems))
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
