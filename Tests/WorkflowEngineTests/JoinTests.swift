import Testing
import WorkflowEngine

@Suite("Joins")
struct JoinTests {
  /// All orders of `count` things, in a fixed order of orders.
  static func orders(_ count: Int) -> [[Int]] {
    guard count > 1 else { return [[0]] }
    return orders(count - 1).flatMap { order in
      (0...order.count).map { place in
        var longer = order
        longer.insert(count - 1, at: place)
        return longer
      }
    }
  }

  @Test("a join opens exactly once, after the last sibling, in whatever order they finish", arguments: 2...6)
  func everyOrder(count: Int) throws {
    let names = (0..<count).map { "s\($0)" }
    for order in Self.orders(count) {
      var bench = Bench(start: names, flows: [(names, "'after'|task")])
      try bench.start()
      for (position, place) in order.enumerated() {
        #expect(bench.items("after").isEmpty)
        if position % 2 == 0 { try bench.complete(names[place]) } else { try bench.skip(names[place]) }
      }
      #expect(bench.items("after").count == 1)
      #expect(bench.state.workItem(bench.item("after"))?.previousWorkItem == bench.item(names[order[count - 1]]))
      try bench.complete("after")
      #expect(bench.caseStatus == .completed)
    }
  }

  @Test("a join of eight opens once in rotated and reversed orders")
  func eight() throws {
    let names = (0..<8).map { "s\($0)" }
    for shift in 0..<16 {
      var bench = Bench(start: names, flows: [(names, "'after'|task")])
      try bench.start()
      let rotated = (0..<8).map { names[(shift + $0) % 8] }
      for name in shift < 8 ? rotated : rotated.reversed() { try bench.complete(name) }
      #expect(bench.items("after").count == 1)
    }
  }

  @Test("in a loop a join counts the items of its own round only")
  func ownRound() throws {
    var bench = Bench(start: ["a", "b"], flows: [(["a", "b"], "'c'|task"), (["c"], "['a', 'b']|tasks")])
    try bench.start()
    for round in 1...3 {
      try bench.complete("a")
      #expect(bench.items("c").count == round - 1)
      try bench.complete("b")
      #expect(bench.items("c").count == round)
      try bench.complete("c")
      #expect(bench.items("a").count == round + 1)
      #expect(bench.items("b").count == round + 1)
    }
  }

  @Test("a branch that takes longer in the second round is waited for")
  func unevenLoop() throws {
    var bench = Bench(
      start: ["a", "b"],
      flows: [(["a", "b"], "'c'|task"), (["c"], "['a', 'detour']|tasks"), (["detour"], "'b'|task")])
    try bench.start()
    try bench.complete("a")
    try bench.complete("b")
    try bench.complete("c")
    try bench.complete("a")
    #expect(bench.items("c").count == 1)
    try bench.complete("detour")
    try bench.complete("b")
    #expect(bench.items("c").count == 2)
  }

  @Test("canceling the sibling that a join waits for opens it")
  func canceledSibling() throws {
    var bench = Bench(start: ["a", "b"], flows: [(["a", "b"], "'c'|task")])
    try bench.start()
    try bench.complete("a")
    try bench.cancel("b")
    #expect(bench.status("c") == .ready)
    #expect(bench.state.workItem(bench.item("c"))?.previousWorkItem == bench.item("a"))
    #expect(bench.events == [
      "pre_cancel_work_item b", "post_cancel_work_item b", "post_open_join main", "pre_create_work_item c", "post_create_work_item c",
    ])
  }

  @Test("completing the last sibling opens a join past a canceled one")
  func canceledBefore() throws {
    var bench = Bench(start: ["a", "b"], flows: [(["a", "b"], "'c'|task")])
    try bench.start()
    try bench.cancel("b")
    #expect(bench.items("c").isEmpty)
    try bench.complete("a")
    #expect(bench.status("c") == .ready)
  }

  @Test("a join of canceled siblings only does not open")
  func allCanceled() throws {
    var bench = Bench(start: ["a", "b"], flows: [(["a", "b"], "'c'|task")])
    try bench.start()
    try bench.cancel("a")
    try bench.cancel("b")
    #expect(bench.items("c").isEmpty)
    #expect(bench.caseStatus == .running)
  }

  @Test("a suspended sibling holds a join until it is resumed and done")
  func suspendedSibling() throws {
    var bench = Bench(start: ["a", "b"], flows: [(["a", "b"], "'c'|task")])
    try bench.start()
    try bench.suspend("b")
    try bench.complete("a")
    #expect(bench.items("c").isEmpty)
    try bench.resume("b")
    try bench.complete("b")
    #expect(bench.status("c") == .ready)
  }

  @Test("a sibling that was never created is waited for")
  func neverCreated() throws {
    var bench = Bench(start: ["a"], flows: [(["a", "b"], "'c'|task")])
    try bench.start()
    try bench.complete("a")
    #expect(bench.items("c").isEmpty)
    #expect(bench.caseStatus == .running)
  }

  @Test("a receiver that completes the sibling does not make the join open twice")
  func nestedCompletion() throws {
    var bench = Bench(start: ["a", "b"], flows: [(["a", "b"], "'c'|task")])
    try bench.start()
    let sibling = bench.item("b")
    let definitions = bench.definitions
    try bench.run(.completeWorkItem(bench.item("a"))) { event, outer in
      guard event.name == .postCompleteWorkItem else { return }
      var inner = Execution(
        definitions: definitions, state: outer.state, command: .completeWorkItem(sibling), now: outer.now,
        ids: outer.ids, evaluator: TestEvaluator())
      while try inner.next() != nil {}
      outer.state = inner.state
      outer.ids = inner.ids
    }
    #expect(bench.items("c").count == 1)
    #expect(bench.status("b") == .completed)
  }

  @Test("Caluma's joins count items of earlier rounds and are blocked by a canceled sibling")
  func caluma() throws {
    var bench = Bench(
      start: ["a", "b"], flows: [(["a", "b"], "'c'|task"), (["c"], "['a', 'b']|tasks")], compatibility: .caluma)
    try bench.start()
    try bench.complete("a")
    try bench.complete("b")
    try bench.complete("c")
    try bench.complete("a")
    #expect(bench.items("c").count == 2)

    var blocked = Bench(start: ["a", "b"], flows: [(["a", "b"], "'c'|task")], compatibility: .caluma)
    try blocked.start()
    try blocked.cancel("b")
    try blocked.complete("a")
    #expect(blocked.items("c").isEmpty)
  }
}
