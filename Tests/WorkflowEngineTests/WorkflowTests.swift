import Testing
import WorkflowEngine

@Suite("Workflows")
struct WorkflowTests {
  @Test("a new case runs with its start items ready in declared order")
  func start() throws {
    var bench = Bench(
      start: ["z", "a"],
      tasks: [
        TaskDefinition(
          slug: "z", name: "{\"en\":\"Zed\"}", leadTime: 60, addressGroups: "['q', 'p', 'q']|groups",
          controlGroups: "['boss']|groups")
      ])
    try bench.start()
    #expect(bench.state.workItems.map(\.task) == ["z", "a"])
    let z = try #require(bench.state.workItem(bench.item("z")))
    #expect(z.name == "{\"en\":\"Zed\"}")
    #expect(z.addressedGroups == ["p", "q"])
    #expect(z.controllingGroups == ["boss"])
    #expect(z.deadline == bench.now + 60_000_000)
    #expect(z.createdByUser == "ada")
    #expect(z.modifiedByUser == nil)
    #expect(z.previousWorkItem == nil)
    #expect(bench.state.case(bench.root)?.createdByGroup == "staff")
  }

  @Test("closing notes who and when, on the item and on the case")
  func closing() throws {
    var bench = Bench(start: ["a"])
    try bench.start()
    bench.caller = Caller(user: "bob", group: "crew")
    try bench.complete("a")
    let item = try #require(bench.state.workItem(bench.item("a")))
    #expect(item.closedAt == bench.now && item.closedByUser == "bob" && item.closedByGroup == "crew")
    #expect(item.modifiedByUser == "bob" && item.version == 2)
    let found = try #require(bench.state.case(bench.root))
    #expect(found.closedAt == bench.now && found.closedByUser == "bob")
    #expect(found.modifiedAt == found.createdAt)
  }

  @Test("conditions decide what is next, and nothing next ends the case")
  func conditions() throws {
    for (expression, next) in [
      ("1 > 2 ? 'left'|task : 'right'|task", ["right"]),
      ("'a' in ['a', 'b'] && !false ? 'left'|task : 'right'|task", ["left"]),
      ("[1, 2]|length == 2 ? ['right', 'left']|tasks : 'end'|task", ["right", "left"]),
      ("false && 'left'|task || 'right'|task", ["right"]),
      ("1 == 2 ? 'left'|task : []", []),
      ("['left', 'left', 'unknown']|tasks", ["left"]),
      ("['left'|task, 'right'|task]", ["left", "right"]),
      ("null", []),
    ] {
      var bench = Bench(start: ["gate"], flows: [(["gate"], expression)])
      for slug in ["left", "right", "end"] { bench.definitions.insert(TaskDefinition(slug: slug)) }
      bench.definitions = Definitions(
        workflows: Array(bench.definitions.workflows.values),
        tasks: bench.definitions.tasks.values.filter { $0.slug != "unknown" })
      try bench.start()
      try bench.complete("gate")
      #expect(bench.state.workItems.dropFirst().map(\.task) == next, "\(expression)")
      #expect(bench.caseStatus == (next.isEmpty ? .completed : .running))
    }
  }

  @Test("an expression that cannot be evaluated refuses the command")
  func brokenExpression() throws {
    for expression in ["'a' < 1 ? 'b'|task : []", "1 / 0", "info.nothing.here", "'b'|unheard"] {
      var bench = Bench(start: ["a"], flows: [(["a"], expression)])
      try bench.start()
      let before = bench.state
      #expect { try bench.complete("a") } throws: { ($0 as? EngineError)?.code == .expression }
      #expect(bench.state == before)
    }
  }

  @Test("group expressions see the caller, the item before and nothing at the start")
  func groups() throws {
    var bench = Bench(
      start: ["a"], flows: [(["a"], "['b', 'c']|tasks")],
      tasks: [
        TaskDefinition(slug: "a", addressGroups: "['k', 'j']|groups", controlGroups: "'one'"),
        TaskDefinition(slug: "b", addressGroups: "info.prev_work_item.addressed_groups"),
        TaskDefinition(
          slug: "c", addressGroups: "info.work_item.created_by_group", controlGroups: "['y', 'x', 'y']"),
      ])
    try bench.start()
    try bench.complete("a")
    #expect(bench.items("a")[0].controllingGroups == ["one"])
    #expect(bench.items("b")[0].addressedGroups == ["j", "k"])
    #expect(bench.items("c")[0].addressedGroups == ["staff"])
    #expect(bench.items("c")[0].controllingGroups == ["y", "x", "y"])

    var null = Bench(
      start: ["a"], tasks: [TaskDefinition(slug: "a", addressGroups: "info.prev_work_item.addressed_groups")])
    #expect { try null.start() } throws: { ($0 as? EngineError)?.code == .expression }
    #expect(null.state.cases.isEmpty)
  }

  @Test("a multiple instance task has an item per group and leads on with the last one")
  func multipleInstance() throws {
    let task = TaskDefinition(slug: "m", isMultipleInstance: true, addressGroups: "['x', 'y', 'z']|groups")
    var bench = Bench(start: ["m"], flows: [(["m"], "'after'|task")], tasks: [task])
    try bench.start()
    #expect(bench.items("m").map(\.addressedGroups) == [["x"], ["y"], ["z"]])
    let ids = bench.items("m").map(\.id)
    try bench.run(.cancelWorkItem(ids[0]))
    try bench.run(.completeWorkItem(ids[1]))
    #expect(bench.items("after").isEmpty)
    try bench.run(.skipWorkItem(ids[2]))
    #expect(bench.items("after").count == 1)
  }

  @Test("canceling the last open instance leads on if another one is done")
  func canceledInstance() throws {
    let task = TaskDefinition(slug: "m", isMultipleInstance: true, addressGroups: "['x', 'y']|groups")
    var bench = Bench(start: ["m"], flows: [(["m"], "'after'|task")], tasks: [task])
    try bench.start()
    let ids = bench.items("m").map(\.id)
    try bench.run(.completeWorkItem(ids[0]))
    try bench.run(.cancelWorkItem(ids[1]))
    #expect(bench.items("after").map(\.previousWorkItem) == [ids[0]])
  }

  @Test("without groups a multiple instance task has one item, and more can be added while one is ready")
  func addedInstance() throws {
    var bench = Bench(
      start: ["m", "plain"], flows: [(["m"], "'after'|task")],
      tasks: [TaskDefinition(slug: "m", leadTime: 10, isMultipleInstance: true)])
    try bench.start()
    #expect(bench.items("m").map(\.addressedGroups) == [[]])
    let execution = try bench.run(
      .createWorkItem(
        CreateWorkItem(
          caseID: bench.root, task: "m", addressedGroups: ["z", "a"], assignedUsers: ["dave"], meta: "{\"i\":3}")))
    let added = try #require(bench.items("m").last)
    #expect(execution.workItemID == added.id)
    #expect(added.addressedGroups == ["z", "a"] && added.assignedUsers == ["dave"] && added.meta == "{\"i\":3}")
    #expect(added.deadline == bench.now + 10_000_000)
    #expect(added.previousWorkItem == nil)
    try bench.run(.completeWorkItem(bench.items("m")[0].id))
    #expect(bench.items("after").isEmpty)
    try bench.complete("m")
    #expect(bench.items("after").count == 1)
    #expect(
      bench.refusal(.createWorkItem(CreateWorkItem(caseID: bench.root, task: "m")))
        == "The given case \(bench.root) does not have any running work items corresponding to the task m. A new "
        + "instance of a `MultipleInstanceTask` can only be created when there is at least one running sibling "
        + "work item.")
    #expect(
      bench.refusal(.createWorkItem(CreateWorkItem(caseID: bench.root, task: "plain")))
        == "The given task type simple does not allow creating multiple instances of it. Please set "
        + "`isMultipleInstance` to true.")
  }

  @Test("with continueAsync every instance leads on, without doubling what is open")
  func continueAsync() throws {
    let task = TaskDefinition(
      slug: "m", isMultipleInstance: true, continueAsync: true, addressGroups: "['p', 'q', 'r']|groups")
    var bench = Bench(start: ["m"], flows: [(["m"], "'close'|task")], tasks: [task])
    try bench.start()
    let ids = bench.items("m").map(\.id)
    try bench.run(.completeWorkItem(ids[0]))
    #expect(bench.items("close").count == 1)
    try bench.run(.completeWorkItem(ids[1]))
    #expect(bench.items("close").count == 1)
    try bench.complete("close")
    #expect(bench.caseStatus == .running)
    try bench.run(.completeWorkItem(ids[2]))
    #expect(bench.items("close").count == 2)
    try bench.complete("close")
    #expect(bench.caseStatus == .completed)
  }

  @Test("a suspended item holds its case open")
  func suspendedHolds() throws {
    var bench = Bench(start: ["a", "b"])
    try bench.start()
    try bench.suspend("a")
    try bench.complete("b")
    #expect(bench.caseStatus == .running)
    try bench.resume("a")
    try bench.complete("a")
    #expect(bench.caseStatus == .completed)
  }

  @Test("canceling never completes a case")
  func cancelLeavesRunning() throws {
    var bench = Bench(start: ["a", "b"])
    try bench.start()
    try bench.complete("a")
    try bench.cancel("b")
    #expect(bench.caseStatus == .running)
  }

  @Test("an open child case keeps its parent item from being completed; a finished one does not complete it")
  func childHolds() throws {
    var bench = try EventOrderTests.family()
    let message = "Work item can only be completed when child case is in a finish state."
    #expect(bench.refusal(.completeWorkItem(bench.item("w1"))) == message)
    let child = try #require(bench.state.workItem(bench.item("w1"))?.childCase)
    try bench.run(.suspendCase(child))
    #expect(bench.refusal(.completeWorkItem(bench.item("w1"))) == message)
    try bench.run(.resumeCase(child))
    try bench.complete("v")
    #expect(bench.state.case(child)?.status == .completed)
    #expect(bench.status("w1") == .ready)
    try bench.complete("w1")
    #expect(bench.status("w1") == .completed)
  }

  @Test("a child case needs a ready parent item without another open child case")
  func childNeedsParent() throws {
    var bench = try EventOrderTests.family()
    bench.add(workflow: "sub", start: ["v"])
    #expect(throws: EngineError(.state, "The work item already has an open child case.")) {
      try bench.start("sub", parent: bench.item("w1"))
    }
    try bench.complete("w2")
    #expect(throws: EngineError(.state, "Child cases can only be started for ready work items.")) {
      try bench.start("sub", parent: bench.item("w2"))
    }
    #expect(throws: EngineError(.unknownDefinition, "Invalid pk \"nope\" - object does not exist.")) {
      try bench.start("nope")
    }
  }

  @Test("a child case can be reopened while its parent item is ready")
  func reopenChild() throws {
    var bench = try EventOrderTests.family()
    let child = try #require(bench.state.workItem(bench.item("w1"))?.childCase)
    try bench.complete("v")
    try bench.run(.reopenCase(child, workItems: [bench.item("v")]))
    #expect(bench.state.case(child)?.status == .running)
    try bench.complete("v")
    try bench.complete("w1")
    #expect(
      bench.refusal(.reopenCase(child, workItems: [bench.item("v")]))
        == "Only child cases of ready work items can be reopened.")
  }

  @Test("reopening needs items, and items of that case")
  func reopenItems() throws {
    var bench = Bench(start: ["a"], flows: [(["a"], "'b'|task")])
    bench.add(workflow: "other", start: ["o"])
    try bench.start()
    try bench.start("other", parent: bench.item("a"))
    try bench.run(.cancelCase(bench.root))
    #expect(bench.refusal(.reopenCase(bench.root, workItems: [])) == "At least one work item has to be reopened.")
    #expect(
      bench.refusal(.reopenCase(bench.root, workItems: [bench.item("o")]))
        == "Only work items belonging to the case specified can be reopened.")
  }

  @Test("a branch of a join can be redone without the other one, whichever finished last")
  func redoBranch() throws {
    for branch in ["b", "c"] {
      var bench = Bench(
        start: ["a"], flows: [(["a"], "['b', 'c']|tasks"), (["b", "c"], "'d'|task")],
        redoable: ["b": "'a'|task", "c": "'a'|task", "d": "['b', 'c']|tasks"])
      try bench.start()
      try bench.complete("a")
      try bench.complete("b")
      try bench.complete("c")
      var execution = bench.execution(.redoWorkItem(bench.item(branch)))
      #expect(try execution.isRedoable(bench.item(branch)))
      #expect(try !execution.isRedoable(bench.item("a")))
      try bench.redo(branch)
      #expect(bench.status("d") == .redo)
      #expect(bench.state.workItem(bench.item(branch))?.closedAt == nil)
      try bench.complete(branch)
      #expect(bench.status("d") == .ready)
      #expect(bench.items("d").count == 1)
      try bench.complete("d")
      #expect(bench.caseStatus == .completed)
    }
  }

  @Test("redoing the item before a split waits for both branches again")
  func redoSplit() throws {
    var bench = Bench(
      start: ["a"], flows: [(["a"], "['b', 'c']|tasks"), (["b", "c"], "'d'|task")],
      redoable: ["b": "'a'|task", "c": "'a'|task", "d": "['a', 'b', 'c']|tasks"])
    try bench.start()
    try bench.complete("a")
    try bench.complete("b")
    try bench.complete("c")
    try bench.redo("a")
    #expect([bench.status("b"), bench.status("c"), bench.status("d")] == [.redo, .redo, .redo])
    try bench.complete("a")
    try bench.complete("c")
    #expect(bench.status("d") == .redo)
    try bench.complete("b")
    #expect(bench.status("d") == .ready)
    #expect(bench.state.workItems.count == 4)
  }

  @Test("reopening one branch of a join that had opened lets it open again")
  func reopenBranch() throws {
    var bench = Bench(start: ["b", "c"], flows: [(["b", "c"], "'d'|task")])
    try bench.start()
    try bench.complete("b")
    try bench.complete("c")
    try bench.complete("d")
    try bench.run(.reopenCase(bench.root, workItems: [bench.item("b")]))
    try bench.complete("b")
    #expect(bench.items("d").map(\.status) == [.completed, .ready])
  }

  @Test("saving changes what is given only, in whatever state")
  func save() throws {
    var bench = Bench(start: ["a"])
    try bench.start()
    try bench.complete("a")
    let id = bench.item("a")
    try bench.run(.saveWorkItem(SaveWorkItem(id: id, name: "{\"en\":\"N\"}", assignedUsers: ["u"], deadline: .some(5))))
    try bench.run(.saveWorkItem(SaveWorkItem(id: id, meta: "{\"m\":1}")))
    var item = try #require(bench.state.workItem(id))
    #expect(item.name == "{\"en\":\"N\"}" && item.assignedUsers == ["u"] && item.deadline == 5)
    #expect(item.meta == "{\"m\":1}" && item.status == .completed && item.version == 4)
    try bench.run(.saveWorkItem(SaveWorkItem(id: id, deadline: .some(nil))))
    item = try #require(bench.state.workItem(id))
    #expect(item.deadline == nil)
  }

  @Test("the workflow of a case cannot be swapped")
  func swap() throws {
    var bench = Bench(start: ["a"])
    bench.add(workflow: "other", start: ["o"])
    try bench.start()
    #expect(
      bench.refusal(.updateCase(UpdateCase(id: bench.root, workflow: "other")))
        == "The workflow of a case cannot be changed.")
  }

  @Test("ids read and write the text of UUIDs")
  func ids() throws {
    let text = "01890a5d-ac96-774b-bcce-b302099a8057"
    let id = try #require(EntityID(text))
    #expect(id.description == text)
    #expect(EntityID("01890A5DAC96774BBCCEB302099A8057") == id)
    #expect(EntityID("nope") == nil)
    #expect(EntityID("01890a5d-ac96-774b-bcce-b302099a80577") == nil)
    #expect(EntityID("0-1890a5dac96774bbcceb302099a8057") == nil)
  }
}
