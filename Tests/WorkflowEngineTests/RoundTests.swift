import Testing
import WorkflowEngine

/// Which items belong together where tasks come around again, and what a join may go on without.
@Suite("Rounds")
struct RoundTests {
  private static func loop() -> Bench {
    let any = "['a', 'b', 'c']|tasks"
    return Bench(
      start: ["a", "b"], flows: [(["a", "b"], "'c'|task"), (["c"], "['a', 'b']|tasks")],
      redoable: ["a": any, "b": any, "c": any])
  }

  @Test("going back to an earlier round of a loop leads through it once more, and then through the later one")
  func earlierRound() throws {
    var bench = Self.loop()
    try bench.start()
    let first = bench.item("b")
    for task in ["a", "b", "c", "a"] { try bench.complete(task) }
    try bench.run(.redoWorkItem(first))
    #expect(bench.items("a").map(\.status) == [.completed, .redo])
    #expect(bench.items("b").map(\.status) == [.ready, .redo])
    try bench.run(.completeWorkItem(first))
    #expect(bench.items("c").map(\.status) == [.ready])
    try bench.complete("c")
    #expect(bench.items("a").map(\.status) == [.completed, .ready])
    #expect(bench.items("b").map(\.status) == [.completed, .ready])
    try bench.complete("a")
    try bench.complete("b")
    #expect(bench.items("c").map(\.status) == [.completed, .ready])
  }

  @Test("of the rounds that wait in redo one is entered at a time")
  func oneRound() throws {
    var bench = Self.loop()
    try bench.start()
    let first = bench.item("b")
    for task in ["a", "b", "c", "a", "b"] { try bench.complete(task) }
    #expect(bench.items("c").map(\.status) == [.completed, .ready])
    try bench.run(.redoWorkItem(first))
    try bench.run(.completeWorkItem(first))
    #expect(bench.items("c").map(\.status) == [.ready, .redo])
  }

  @Test("items of two rounds that came to follow the same are entered one at a time all the same")
  func sameCause() throws {
    let any = "['a', 'b', 'c', 'd', 'e']|tasks"
    var bench = Bench(
      start: ["a"],
      flows: [
        (["a"], "['b', 'c']|tasks"), (["b"], "'d'|task"), (["c"], "'e'|task"), (["d", "e"], "'a'|task"),
      ],
      redoable: ["a": any, "b": any, "c": any, "d": any, "e": any])
    func complete(_ tasks: String...) throws {
      for task in tasks {
        let ready = try #require(bench.items(task).first { $0.status == .ready })
        try bench.run(.completeWorkItem(ready.id))
      }
    }
    try bench.start()
    let a = bench.item("a")
    try complete("a")
    let b = bench.item("b")
    try complete("b", "c", "d", "e", "a", "b")
    try bench.run(.redoWorkItem(b))
    try bench.run(.cancelWorkItem(b))
    // The second round leads to what the first one would have led to.
    try complete("a", "b")
    #expect(bench.items("d").map(\.status) == [.ready, .redo])
    #expect(bench.items("d").map(\.previousWorkItem) == [bench.items("b")[1].id, bench.items("b")[1].id])
    try bench.run(.redoWorkItem(a))
    try complete("a", "b")
    #expect(bench.items("d").map(\.status) == [.ready, .redo])
    try complete("c", "e", "d", "a", "b")
    #expect(bench.items("d").map(\.status) == [.completed, .ready])
  }

  @Test("an item that is entered again follows the item that led to it")
  func previous() throws {
    var bench = Bench(
      start: ["a", "b"], flows: [(["a", "b"], "'c'|task")], redoable: ["c": "['a', 'b']|tasks"])
    try bench.start()
    try bench.complete("a")
    try bench.complete("b")
    #expect(bench.items("c").map(\.previousWorkItem) == [bench.item("b")])
    try bench.redo("a")
    try bench.complete("a")
    #expect(bench.items("c").map(\.previousWorkItem) == [bench.item("a")])
  }

  // MARK: A task with an item for each group

  private static func groups(after start: [String], _ flows: [([String], String)]) -> Bench {
    Bench(
      start: start, flows: flows,
      tasks: [TaskDefinition(slug: "each", isMultipleInstance: true, addressGroups: "['x', 'y']")])
  }

  @Test("a join waits for a task with instances that has not been entered yet")
  func notYet() throws {
    var bench = Self.groups(after: ["a", "b"], [(["b"], "'each'|task"), (["a", "each"], "'end'|task")])
    try bench.start()
    try bench.complete("a")
    #expect(bench.items("end").isEmpty)
    try bench.complete("b")
    for item in bench.items("each") { try bench.run(.completeWorkItem(item.id)) }
    #expect(bench.items("end").count == 1)
    try bench.complete("end")
    #expect(bench.caseStatus == .completed)
  }

  @Test("a join goes on at once without a task with instances that nothing open leads to")
  func unreachable() throws {
    var bench = Self.groups(after: ["a", "b"], [(["b"], "'c'|task"), (["a", "each"], "'end'|task")])
    try bench.start()
    try bench.complete("a")
    #expect(bench.items("end").count == 1)
  }

  @Test("a join goes on without a task with instances that the way went past, when nothing else is open")
  func passedBy() throws {
    var bench = Self.groups(
      after: ["a", "b"], [(["b"], "1 == 2 ? 'each'|task : 'c'|task"), (["a", "each"], "'end'|task")])
    try bench.start()
    try bench.complete("a")
    try bench.complete("b")
    #expect(bench.items("end").isEmpty)
    try bench.complete("c")
    #expect(bench.items("end").count == 1)
    try bench.complete("end")
    #expect(bench.caseStatus == .completed)
  }
}
