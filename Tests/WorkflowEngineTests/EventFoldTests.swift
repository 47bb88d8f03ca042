import Testing
import WorkflowEngine

@Suite("Folding the event log")
struct EventFoldTests {
  static func expectFold(_ bench: Bench, _ hint: String = "") {
    let folded = FamilyState(folding: bench.log)
    #expect(folded == FamilyState(cases: bench.state.cases, workItems: bench.state.workItems), "\(hint)")
  }

  @Test("the log of every operation tells what the rows are", arguments: [Compatibility.exact, .caluma])
  func operations(compatibility: Compatibility) throws {
    var bench = Bench(
      start: ["a", "m"],
      flows: [(["a"], "['b', 'c']|tasks"), (["b", "c"], "'d'|task"), (["m"], "'e'|task")],
      redoable: ["d": "['a', 'c']|tasks", "e": "'m'|task"],
      tasks: [TaskDefinition(slug: "m", leadTime: 60, isMultipleInstance: true, addressGroups: "['x', 'y']")],
      compatibility: compatibility)
    bench.add(workflow: "sub", start: ["v"])
    try bench.start()
    try bench.start("sub", parent: bench.item("a"))
    try bench.run(.suspendCase(bench.root))
    Self.expectFold(bench)
    try bench.run(.resumeCase(bench.root))
    try bench.complete("v")
    try bench.complete("a")
    bench.caller = Caller(user: "bea")
    try bench.skip("b")
    try bench.complete("c")
    Self.expectFold(bench)
    try bench.redo("c")
    Self.expectFold(bench)
    #expect(bench.status("d") == .redo)
    try bench.complete("c")
    try bench.run(.createWorkItem(CreateWorkItem(caseID: bench.root, task: "m", addressedGroups: ["z"])))
    for item in bench.items("m") { try bench.run(.completeWorkItem(item.id)) }
    try bench.run(
      .saveWorkItem(SaveWorkItem(id: bench.item("e"), assignedUsers: ["zoe"], deadline: .some(7), meta: "[1]")))
    try bench.run(.updateCase(UpdateCase(id: bench.root, workflow: "main", meta: "{\"p\":2}")))
    Self.expectFold(bench)
    try bench.complete("d")
    try bench.cancel("e")
    try bench.run(.cancelCase(bench.root))
    try bench.run(.reopenCase(bench.root, workItems: [bench.item("e"), bench.item("d")]))
    Self.expectFold(bench)
    try bench.complete("d")
    try bench.complete("e")
    #expect(bench.caseStatus == .completed)
    Self.expectFold(bench)
  }

  @Test("what receivers do to rows before they are told of is in the log")
  func receivers() throws {
    var bench = Bench(start: ["a", "b"], flows: [(["a"], "['c', 'd']|tasks")])
    let definitions = bench.definitions
    var nested: [Event] = []
    try bench.start()
    try bench.run(.completeWorkItem(bench.item("a"))) { event, outer in
      // `d` is created already when `c` is told of, but has not been told of itself.
      guard event.name == .postCreateWorkItem, event.task == "c", let d = outer.state.workItems.last?.id else { return }
      var inner = Execution(
        definitions: definitions, state: outer.state, command: .completeWorkItem(d), sender: event.sender,
        now: outer.now, ids: outer.ids, evaluator: TestEvaluator())
      while let step = try inner.next() { if case .emit(let event) = step { nested.append(event) } }
      outer.state = inner.state
    }
    let place = try #require(bench.log.lastIndex { $0.name == .postCreateWorkItem })
    bench.log.insert(contentsOf: nested, at: place)
    #expect(bench.log.contains { $0.name == .postCompleteWorkItem && $0.task == "d" })
    #expect(bench.status("d") == .completed)
    Self.expectFold(bench)
  }

  @Test("a receiver that cancels the case keeps the next items from being created")
  func canceled() throws {
    var bench = Bench(start: ["a"], flows: [(["a"], "'b'|task")])
    let definitions = bench.definitions
    try bench.start()
    let root = bench.root
    try bench.run(.completeWorkItem(bench.item("a"))) { event, outer in
      guard event.name == .preCreateWorkItem else { return }
      var inner = Execution(
        definitions: definitions, state: outer.state, command: .cancelCase(root), now: outer.now, ids: outer.ids,
        evaluator: TestEvaluator())
      while try inner.next() != nil {}
      outer.state = inner.state
    }
    #expect(bench.caseStatus == .canceled)
    #expect(bench.items("b").isEmpty)
  }

  @Test("a log that begins late gives nothing but what it tells")
  func partial() throws {
    var bench = Bench(start: ["a"])
    try bench.start()
    try bench.complete("a")
    #expect(FamilyState(folding: bench.log.dropFirst(4)) == FamilyState())
  }
}
