import Testing
import WorkflowEngine

/// One test per control-flow pattern, with the numbers of van der Aalst's catalogue and its revision.
@Suite("Workflow control-flow patterns")
struct PatternTests {
  @Test("1 sequence")
  func sequence() throws {
    var bench = Bench("a", nodes: [node("a", .simple, "b")])
    try bench.begin()
    #expect(bench.ready == ["a"])
    try bench.done("a")
    #expect(bench.ready == ["b"])
  }

  @Test("2 parallel split")
  func parallelSplit() throws {
    var bench = Bench("a", nodes: [node("a", .simple, "s"), node("s", .split, "b", "c")])
    try bench.begin()
    try bench.done("a")
    #expect(bench.ready == ["b", "c"])
  }

  static let loop = [
    node("a", .simple, "s"), node("s", .split, "b", "c"), node("b", .simple, "j"), node("c", .simple, "j"),
    node("j", .join, "d"), node("d", .simple, "again"),
    node("again", .if, edges: [.when("count.d < 3", "s"), .otherwise("e")]), node("e", .end),
  ]

  @Test("3 synchronization, in every order and in every round of a loop")
  func synchronization() throws {
    var bench = Bench("a", nodes: Self.loop)
    try bench.begin()
    try bench.done("a")
    for order in [["b", "c"], ["c", "b"], ["b", "c"]] {
      try bench.done(order[0])
      #expect(bench.status("j") == .waiting && bench.ready == [order[1]])
      try bench.done(order[1])
      #expect(bench.ready == ["d"])
      try bench.done("d")
    }
    #expect(bench.count("d") == 3 && bench.count("j") == 3 && bench.isComplete)
  }

  @Test("4 exclusive choice", arguments: [("1", "b"), ("2", "c"), ("3", "d")])
  func exclusiveChoice(value: String, task: String) throws {
    var bench = Bench(
      "x", nodes: [node("x", .switch, edges: [.when("data.v == 1", "b"), .when("data.v == 2", "c"), .otherwise("d")])])
    try bench.begin("{\"v\": \(value)}")
    #expect(bench.ready == [task])
  }

  @Test("4 without a way the command is refused, not silent")
  func noWay() {
    var bench = Bench("x", nodes: [node("x", .switch, edges: [.when("data.v == 1", "b")])])
    #expect(bench.refusal(.startCase(StartCase(workflow: "main")))?.contains("`x`") == true)
    #expect(bench.state.cases.isEmpty)
  }

  @Test("5 simple merge")
  func simpleMerge() throws {
    var bench = Bench(
      "x", nodes: [node("x", .if, edges: [.when("data.v", "b"), .otherwise("c")]), node("b", .simple, "d"), node("c", .simple, "d")])
    try bench.begin()
    try bench.done("c")
    #expect(bench.ready == ["d"] && bench.count("d") == 1)
  }

  static let choice = [
    node("s", .split, edges: [.when("data.b", "b"), .when("data.c", "c"), .when("data.d", "d"), .otherwise("j")]),
    node("b", .simple, "j"), node("c", .simple, "j"), node("d", .simple, "j"), node("j", .join, "e"),
  ]

  @Test("6 and 7 multi-choice with every subset, and the merge of exactly the chosen ones", arguments: 0..<8)
  func multiChoice(subset: Int) throws {
    var bench = Bench("s", nodes: Self.choice)
    let chosen = ["b", "c", "d"].enumerated().filter { subset >> $0.offset & 1 == 1 }.map(\.element)
    try bench.begin("{\(chosen.map { "\"\($0)\": true" }.joined(separator: ","))}")
    #expect(bench.ready == (chosen.isEmpty ? ["e"] : chosen))
    for task in chosen {
      #expect(bench.count("e") == 0)
      try bench.done(task)
    }
    #expect(bench.ready == ["e"] && bench.count("e") == 1)
  }

  @Test("8 multi-merge")
  func multiMerge() throws {
    var bench = Bench("s", nodes: [node("s", .split, "b", "c"), node("b", .simple, "d"), node("c", .simple, "d")])
    try bench.begin()
    try bench.done("b", "c")
    #expect(bench.ready == ["d", "d"])
  }

  static func partial(_ policy: JoinPolicy) -> [TaskDefinition] {
    [
      node("s", .split, "b", "c", "d"), node("b", .simple, "j"), node("c", .simple, "j"), node("d", .simple, "j"),
      node("j", .join, "e") { $0.join = policy }, node("e", .simple, "more"),
      node("more", .if, edges: [.when("count.e < 2", "s"), .otherwise("end")]), node("end", .end),
    ]
  }

  @Test("9 structured discriminator: the first one leads on, the others are taken in, the next round fires again")
  func discriminator() throws {
    var bench = Bench("s", nodes: Self.partial(JoinPolicy(.any)))
    try bench.begin()
    try bench.done("c")
    #expect(bench.ready == ["b", "d", "e"])
    try bench.done("b", "d")
    #expect(bench.count("e") == 1)
    try bench.done("e", "d")
    #expect(bench.count("e") == 2)
    try bench.done("e")
    #expect(!bench.isComplete)
    try bench.done("b", "c")
    #expect(bench.count("e") == 2 && bench.isComplete)
  }

  @Test("10 arbitrary cycles: two ways into one loop")
  func cycles() throws {
    var bench = Bench(
      "x",
      nodes: [
        node("x", .if, edges: [.when("data.late", "b"), .otherwise("a")]), node("a", .simple, "b"), node("b", .simple, "c"),
        node("c", .switch, edges: [.when("count.c <= 2", "b"), .when("count.c == 3", "a"), .otherwise("end")]), node("end", .end),
      ])
    try bench.begin("{\"late\": true}")
    try bench.done("b", "b", "b", "a", "b")
    #expect(bench.isComplete && bench.count("b") == 4 && bench.count("a") == 1)
    #expect(bench.items("b").map(\.activation.iteration) == [0, 1, 2, 3])
  }

  @Test("11 implicit termination")
  func implicitTermination() throws {
    var bench = Bench("s", nodes: [node("s", .split, "b", "c")])
    try bench.begin()
    try bench.done("b")
    #expect(!bench.isComplete)
    try bench.done("c")
    #expect(bench.isComplete)
  }

  @Test("12 multiple instances without synchronization")
  func instancesWithoutJoin() throws {
    var bench = Bench("s", nodes: [node("s", .split, edges: [.each("[1, 2, 3]", "b")]), node("b", .simple, "c")])
    try bench.begin()
    try bench.done("b")
    #expect(bench.ready == ["b", "b", "c"])
    try bench.done("b", "b", "c", "c", "c")
    #expect(bench.isComplete)
  }

  static let instances = [
    node("s", .split, edges: [.each("data.list", "b"), .otherwise("j")]), node("b", .simple, "j"), node("j", .join, "e"),
  ]

  @Test("13 and 14 multiple instances, the number known when they begin", arguments: [0, 1, 3, 200])
  func instances(count: Int) throws {
    var bench = Bench("s", nodes: Self.instances)
    try bench.run(
      .startCase(StartCase(workflow: "main", data: "{\"list\": [\((0..<count).map { "\($0)" }.joined(separator: ","))]}")))
    #expect(bench.count("b") == count)
    for item in bench.items("b") {
      #expect(bench.count("e") == 0)
      try bench.run(.completeWorkItem(item.id))
    }
    #expect(bench.ready == ["e"])
    #expect(bench.items("b").compactMap(\.activation.data) == (0..<count).map { "\($0)" })
  }

  @Test("15 multiple instances that are added while some run")
  func addedInstances() throws {
    var task = node("b", .simple, "e")
    task.isMultipleInstance = true
    task.addressGroups = "['x', 'y']|groups"
    var bench = Bench("b", nodes: [task])
    try bench.begin()
    #expect(bench.count("b") == 2)
    try bench.done("b")
    try bench.perform(.createWorkItem(CreateWorkItem(caseID: bench.root, task: "b", addressedGroups: ["z"])))
    try bench.done("b")
    #expect(bench.count("e") == 0)
    try bench.done("b")
    #expect(bench.ready == ["e"])
    #expect(bench.refusal(.createWorkItem(CreateWorkItem(caseID: bench.root, task: "b"))) != nil)
  }

  @Test("16 deferred choice")
  func deferredChoice() throws {
    var bench = Bench("s", nodes: [node("s", .splitFirst, "b", "c"), node("b", .simple, "d"), node("c", .simple, "e")])
    try bench.begin()
    #expect(bench.ready == ["b", "c"])
    let loser = bench.item("b")
    try bench.done("c")
    #expect(bench.ready == ["e"] && bench.status("b") == .canceled && bench.reason("b") == .superseded)
    #expect(bench.refusal(.completeWorkItem(loser)) == "Only ready work items can be completed.")
    try bench.done("e")
    #expect(bench.isComplete)
  }

  static let mutual = ["a", "b", "c"].map { slug in
    node(slug, .simple, slug == "a" ? "after" : "end") { $0.mutex = "desk" }
  }

  @Test("17 interleaved parallel routing: a before its successor, never two at once")
  func interleavedParallel() throws {
    var bench = Bench(
      "s",
      nodes: [
        node("s", .split, "a", "c"), node("a", .simple, "b") { $0.mutex = "desk" },
        node("b", .simple, "j") { $0.mutex = "desk" }, node("c", .simple, "j") { $0.mutex = "desk" }, node("j", .join),
      ])
    try bench.begin()
    try bench.perform(.startWorkItem(bench.item("a")))
    #expect(bench.refusal(.startWorkItem(bench.item("c")))?.contains("desk") == true)
    #expect(bench.refusal(.completeWorkItem(bench.item("c")))?.contains("desk") == true)
    try bench.done("a")
    try bench.perform(.startWorkItem(bench.item("c")))
    #expect(bench.refusal(.startWorkItem(bench.item("b")))?.contains("desk") == true)
    try bench.done("c", "b")
    #expect(bench.isComplete)
  }

  @Test("18 milestone")
  func milestone() throws {
    var bench = Bench(
      "s",
      nodes: [
        node("s", .split, "m", "b"), node("m", .simple, "after"), node("b", .simple, "x") { $0.enabledWhile = "open.m > 0" },
        node("x", .simple),
      ])
    try bench.begin()
    let opens = bench.offer(.complete, "b").canProceed
    #expect(opens)
    try bench.done("m")
    #expect(bench.refusal(.completeWorkItem(bench.item("b"))) == "The work item is not enabled at the moment.")
  }

  @Test("19 cancel task")
  func cancelTask() throws {
    var bench = Bench("a", nodes: [node("a", .simple, "b")])
    try bench.begin()
    try bench.perform(.cancelWorkItem(bench.item("a")))
    #expect(bench.open.isEmpty && bench.count("b") == 0 && bench.state.workItem(bench.item("a"))?.closedByUser == "ada")
  }

  @Test("20 cancel case, with child cases and all that waits")
  func cancelCase() throws {
    var bench = Bench(
      "s",
      nodes: [
        node("s", .split, "sub", "t", "catch", "h"), node("sub", .subprocess) { $0.subprocess = SubprocessDefinition("child") },
        node("t", .timer) { $0.delay = .seconds(60) }, node("catch", .catchCall), node("h"),
      ])
    bench.add("child", start: ["inner"], [node("inner")])
    try bench.begin()
    #expect(bench.open.count == 5 && bench.scheduled.count == 1)
    try bench.perform(.cancelCase(bench.root))
    #expect(bench.open.isEmpty && bench.scheduled.isEmpty && bench.state.cases.allSatisfy { $0.status == .canceled })
    #expect(bench.refusal(.deliver(Delivery(to: bench.item("catch")))) != nil)
  }

  @Test("21 structured loop, tested before: also no round at all", arguments: [0, 3])
  func structuredLoop(rounds: Int) throws {
    var bench = Bench(
      "w", nodes: [node("w", .if, edges: [.when("count.b < data.n", "b"), .otherwise("end")]), node("b", .simple, "w"), node("end", .end)])
    try bench.begin("{\"n\": \(rounds)}")
    for _ in 0..<rounds { try bench.done("b") }
    #expect(bench.isComplete && bench.count("b") == rounds)
  }

  @Test("22 recursion, fifty deep, and its bound")
  func recursion() throws {
    var bench = Bench(
      "x",
      nodes: [
        node("x", .if, edges: [.when("data.n > 0", "sub"), .otherwise("leaf")]),
        node("sub", .subprocess, "end") { $0.subprocess = SubprocessDefinition("main", data: "{n: data.n - 1}") },
        node("leaf"), node("end", .end),
      ])
    try bench.begin("{\"n\": 50}")
    #expect(bench.state.cases.count == 51)
    try bench.done("leaf")
    #expect(bench.state.cases.allSatisfy { $0.status == .completed })
    #expect(bench.refusal(.startCase(StartCase(workflow: "main", data: "{\"n\": 200}")))?.contains("started by each other") == true)
  }

  @Test("23 transient trigger, VF-112: a signal is for those who wait, and no error when nobody does")
  func transientTrigger() throws {
    var bench = Bench(
      "s",
      nodes: [
        node("s", .split, "early", "catch"), node("early", .simple, "throw"),
        node("throw", .throwSignal) { $0.signal = "go" }, node("catch", .catchSignal, "b") { $0.signal = "go" },
      ])
    try bench.begin()
    #expect(bench.status("catch") == .waiting)
    try bench.done("early")
    #expect(bench.ready == ["b"] && bench.broadcasts.map(\.name) == ["go"])
    var alone = Bench("throw", nodes: [node("throw", .throwSignal, "a") { $0.signal = "go" }, node("a", .simple, "late"), node("late", .catchSignal) { $0.signal = "go" }])
    try alone.begin()
    try alone.done("a")
    #expect(alone.status("throw") == .completed && alone.status("late") == .waiting)
  }

  @Test("25 cancel region")
  func cancelRegion() throws {
    var bench = Bench(
      "s", nodes: [node("s", .split, "a", "b", "c", "d"), node("a", .simple, "e") { $0.cancels = ["b", "c"] }, node("d")])
    try bench.begin()
    try bench.done("a")
    #expect(bench.ready == ["d", "e"] && bench.reason("b") == .superseded && bench.reason("c") == .superseded)
  }

  @Test("26 cancel multiple instances: the join does not fire")
  func cancelInstances() throws {
    var bench = Bench(
      "p", nodes: [node("p", .split, "s", "stop"), node("stop", .simple, "end") { $0.cancels = ["b", "j"] }, node("end", .end)] + Self.instances)
    try bench.begin("{\"list\": [1, 2, 3]}")
    try bench.done("b", "stop")
    #expect(bench.count("e") == 0 && bench.count("b", .canceled) == 2 && bench.isComplete)
  }

  @Test("27 complete multiple instances: the rest is withdrawn and the join fires")
  func completeInstances() throws {
    var bench = Bench("s", nodes: Self.instances)
    try bench.begin("{\"list\": [1, 2, 3]}")
    try bench.done("b")
    for item in bench.items("b") where item.status == .ready { try bench.perform(.cancelWorkItem(item.id)) }
    #expect(bench.ready == ["e"])
  }

  @Test("28 blocking discriminator: the next round waits for the rest of this one")
  func blockingDiscriminator() throws {
    var bench = Bench("s", nodes: Self.partial(JoinPolicy(.any, isBlocking: true)))
    try bench.begin()
    try bench.done("b", "e")
    // The next round has begun; its first token has to wait.
    try bench.perform(.completeWorkItem(bench.items("b")[1].id))
    #expect(bench.count("e") == 1)
    let first = bench.items("c")[0].id
    try bench.perform(.completeWorkItem(first))
    #expect(bench.count("e") == 1)
    try bench.perform(.completeWorkItem(bench.items("d")[0].id))
    #expect(bench.count("e") == 2)
  }

  @Test("29 canceling discriminator")
  func cancelingDiscriminator() throws {
    var bench = Bench("s", nodes: Self.partial(JoinPolicy(.any, remaining: .cancel)))
    try bench.begin()
    try bench.done("d")
    #expect(bench.ready == ["e"] && bench.reason("b") == .superseded)
  }

  @Test("30 structured partial join, and 34 for instances")
  func partialJoin() throws {
    var bench = Bench("s", nodes: Self.partial(JoinPolicy(.count("2"))))
    try bench.begin()
    try bench.done("b")
    #expect(bench.count("e") == 0)
    try bench.done("c")
    #expect(bench.count("e") == 1)
    try bench.done("d", "e")
    #expect(bench.count("e") == 1)
    try bench.done("d", "c")
    #expect(bench.count("e") == 2)
  }

  @Test("31 blocking partial join")
  func blockingPartialJoin() throws {
    var bench = Bench("s", nodes: Self.partial(JoinPolicy(.count("2"), isBlocking: true)))
    try bench.begin()
    try bench.done("b", "c", "e")
    try bench.perform(.completeWorkItem(bench.items("b")[1].id))
    try bench.perform(.completeWorkItem(bench.items("c")[1].id))
    #expect(bench.count("e") == 1)
    try bench.perform(.completeWorkItem(bench.items("d")[0].id))
    #expect(bench.count("e") == 2)
  }

  @Test("32 canceling partial join")
  func cancelingPartialJoin() throws {
    var bench = Bench("s", nodes: Self.partial(JoinPolicy(.count("2"), remaining: .cancel)))
    try bench.begin()
    try bench.done("b", "d")
    #expect(bench.ready == ["e"] && bench.status("c") == .canceled)
  }

  @Test("33 generalized AND-join: it fires as often as each branch brings a token")
  func generalizedJoin() throws {
    var bench = Bench(
      "s",
      nodes: [
        node("s", .split, "b", "c"), node("b", .split, edges: [.each("[1, 2]", "b2")]), node("c", .split, edges: [.each("[1, 2]", "c2")]),
        node("b2", .simple, "j"), node("c2", .simple, "j"), node("j", .join, "e") { $0.join = JoinPolicy(.paired) }, node("e"),
      ])
    try bench.begin()
    try bench.done("b2", "b2")
    #expect(bench.count("e") == 0)
    try bench.done("c2")
    #expect(bench.count("e") == 1)
    try bench.done("c2")
    #expect(bench.count("e") == 2)
  }

  static func partialInstances(_ policy: JoinPolicy) -> [TaskDefinition] {
    [node("s", .split, edges: [.each("data.list", "b")]), node("b", .simple, "j"), node("j", .join, "e") { $0.join = policy }, node("e")]
  }

  @Test("34 static partial join for instances")
  func staticPartialInstances() throws {
    var bench = Bench("s", nodes: Self.partialInstances(JoinPolicy(.count("2"))))
    try bench.begin("{\"list\": [1, 2, 3, 4]}")
    try bench.done("b", "b")
    #expect(bench.count("e") == 1)
    try bench.done("b", "b")
    #expect(bench.count("e") == 1 && bench.ready == ["e"])
  }

  @Test("35 canceling partial join for instances")
  func cancelingPartialInstances() throws {
    var bench = Bench("s", nodes: Self.partialInstances(JoinPolicy(.count("2"), remaining: .cancel)))
    try bench.begin("{\"list\": [1, 2, 3, 4]}")
    try bench.done("b", "b")
    #expect(bench.ready == ["e"] && bench.count("b", .canceled) == 2)
  }

  @Test("36 dynamic partial join: a condition over what has come")
  func dynamicPartialInstances() throws {
    var bench = Bench("s", nodes: Self.partialInstances(JoinPolicy(.condition("come >= data.need"))))
    try bench.begin("{\"list\": [1, 2, 3, 4], \"need\": 4}")
    try bench.done("b", "b")
    #expect(bench.count("e") == 0)
    try bench.perform(.updateCase(UpdateCase(id: bench.root, workflow: "main", data: "{\"list\": [], \"need\": 2}")))
    #expect(bench.count("e") == 1)
  }

  @Test("37 local synchronizing merge in a graph without structure", arguments: [["b", "c", "d"], ["d", "c", "b"], ["c", "b", "d"]])
  func localMerge(order: [String]) throws {
    var bench = Bench(
      "o",
      nodes: [
        node("o", .split, "b", "i"), node("i", .split, "c", "d"), node("b", .simple, "j"), node("c", .simple, "j"),
        node("d", .simple, "j"), node("j", .join, "e"), node("e"),
      ])
    try bench.begin()
    for task in order {
      #expect(bench.count("e") == 0)
      try bench.done(task)
    }
    #expect(bench.count("e") == 1 && bench.count("j") == 1)
  }

  @Test("38 general synchronizing merge: it waits for whatever can still come, and for nothing else")
  func generalMerge() throws {
    var bench = Bench(
      "s",
      nodes: [
        node("s", .split, "b", "c"), node("b", .simple, "x"),
        node("x", .if, edges: [.when("count.x < 2", "b"), .when("data.leave", "away"), .otherwise("j")]), node("away"),
        node("c", .simple, "j"), node("j", .join, "e"), node("e"),
      ])
    try bench.begin("{\"leave\": true}")
    try bench.done("c", "b")
    #expect(bench.status("j") == .waiting && bench.ready == ["b"])
    // The other branch goes elsewhere: nothing can come any more.
    try bench.done("b")
    #expect(bench.ready == ["away", "e"])
  }

  @Test("39 critical section, within a case and in its child cases")
  func criticalSection() throws {
    var bench = Bench(
      "s",
      nodes: [
        node("s", .split, "a", "sub"), node("a") { $0.mutex = "press" },
        node("sub", .subprocess) { $0.subprocess = SubprocessDefinition("child") },
      ])
    bench.add("child", start: ["inner"], [node("inner") { $0.mutex = "press" }])
    try bench.begin()
    try bench.perform(.startWorkItem(bench.item("inner")))
    #expect(bench.refusal(.startWorkItem(bench.item("a")))?.contains("press") == true)
    try bench.done("inner")
    try bench.perform(.startWorkItem(bench.item("a")))
  }

  @Test("40 interleaved routing: any order, one at a time", arguments: [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a"]])
  func interleaved(order: [String]) throws {
    var bench = Bench(
      "s", nodes: [node("s", .split, "a", "b", "c"), node("j", .join, "e"), node("e")]
        + ["a", "b", "c"].map { node($0, .simple, "j") { $0.mutex = "desk" } })
    try bench.begin()
    for task in order {
      try bench.perform(.startWorkItem(bench.item(task)))
      for other in bench.ready where other != task {
        #expect(bench.refusal(.startWorkItem(bench.item(other)))?.contains("desk") == true)
      }
      try bench.done(task)
    }
    #expect(bench.ready == ["e"])
  }

  @Test("41 thread merge and 42 thread split: one branch becomes k tokens and one again")
  func threads() throws {
    var bench = Bench(
      "s",
      nodes: [
        node("s", .split, "t", "c"), node("t", .split, edges: [.each("[1, 2, 3]", "b")]), node("b", .simple, "m"), node("m", .join, "d"),
        node("d", .simple, "j"), node("c", .simple, "j"), node("j", .join, "e"), node("e"),
      ])
    try bench.begin()
    #expect(bench.ready == ["c", "b", "b", "b"])
    try bench.done("b", "b", "b")
    #expect(bench.ready == ["c", "d"])
    try bench.done("c", "d")
    #expect(bench.ready == ["e"])
  }

  @Test("43 explicit termination")
  func explicitTermination() throws {
    var bench = Bench("s", nodes: [node("s", .split, "b", "c"), node("b", .simple, "stop"), node("stop", .terminateEnd), node("c")])
    try bench.begin()
    try bench.done("b")
    #expect(bench.isComplete && bench.status("c") == .canceled && bench.reason("c") == .terminated)
    #expect(bench.state.case(bench.root)?.outcome == .terminated)
  }
}
