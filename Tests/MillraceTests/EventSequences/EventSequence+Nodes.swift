import WorkflowEngine

extension EventSequence {
  /// Mutations of typed nodes, and what these do by themselves.
  static let ofNodes = [
    EventSequence("`startJob`", "sorting") { .startJob(try await $0.item("sort")) },
    EventSequence("`finishJob`", "sorting") { walk in
      let job = try await walk.item("sort")
      try await walk.run(.startJob(job))
      return .finishJob(job, HandlerResult())
    },
    EventSequence("`failJob` that is tried again", "sorting") { walk in
      let job = try await walk.item("sort")
      try await walk.run(.startJob(job))
      return .failJob(job, failure)
    },
    EventSequence("`failJob` of the last attempt", "sorting") { walk in
      let job = try await walk.item("sort")
      let commands: [Command] = [.startJob(job), .failJob(job, failure), .startJob(job)]
      for command in commands { try await walk.run(command) }
      return .failJob(job, failure)
    },
    EventSequence("`failJob` at an error boundary", "charging") { walk in
      let job = try await walk.item("charge")
      try await walk.run(.startJob(job))
      return .failJob(job, failure)
    },
    EventSequence("`retryWorkItem`", "sorting") { .retryWorkItem(try await $0.failed("sort")) },
    EventSequence("`reviveWorkItem` of an item in error", "sorting") { .reviveWorkItem(try await $0.failed("sort")) },
    EventSequence("`startCase` with a timer at an item", "signing") { _ in .startCase(StartCase(workflow: "signing")) },
    EventSequence("`completeWorkItem` with a timer at the item", "signing") {
      .completeWorkItem(try await $0.item("sign"))
    },
    EventSequence("`undoWorkItem` with `reopen` and a timer at the item", "signing") { walk in
      try await walk.complete("sign")
      return .undoWorkItem(try await walk.item("sign"), cascade: true, reopen: true)
    },
    EventSequence("`fireTimer`", "waiting") { .fireTimer(try await $0.item("wait")) },
    EventSequence("`fireTimer` at an item that it interrupts", "signing") {
      .fireTimer(try await $0.item("sign__timeout"))
    },
    EventSequence("`activateWorkItem` of a timer", "waiting") { .activateWorkItem(try await $0.item("wait")) },
    EventSequence("`activateWorkItem` of a job", "sorting") { .activateWorkItem(try await $0.item("sort")) },
    EventSequence("`deliver`", "inbox") { .deliver(Delivery(to: try await $0.item("catch"))) },
    EventSequence("`completeWorkItem` that throws a signal", "noise") { .completeWorkItem(try await $0.item("shout")) },
    EventSequence("`startCase` from a start node", "machine") { _ in
      .startCase(StartCase(workflow: "machine", trigger: "start"))
    },
    EventSequence("`completeWorkItem` in front of nodes that run by themselves", "machine") {
      .completeWorkItem(try await $0.item("begin"))
    },
    EventSequence("`completeWorkItem` of the last branch of a join node", "machine") { walk in
      try await walk.complete("begin")
      return .completeWorkItem(try await walk.item("press-once"))
    },
    EventSequence("`startCase` with a subprocess", "process") { _ in .startCase(StartCase(workflow: "process")) },
    EventSequence("`completeWorkItem` of the last item of a subprocess", "process") {
      .completeWorkItem(try await $0.item("v"))
    },
    EventSequence("`cancelCase` of a subprocess", "process") { .cancelCase(try await $0.child()) },
    EventSequence("`addSubprocessItem`", "batch") { .addSubprocessItem(try await $0.item("parts"), element: "2") },
    EventSequence("`addSubprocessItem` of a sequence", "turns") {
      .addSubprocessItem(try await $0.item("turn"), element: "2")
    },
    EventSequence("`undoWorkItem` with what has gone on with the end of a child case", "process") { walk in
      try await walk.complete("v")
      return .undoWorkItem(try await walk.item("v"), cascade: true, reopen: true)
    },
    EventSequence("`finishJob` of a job that no way leads on from", "lost") { walk in
      let job = try await walk.item("lose")
      try await walk.run(.startJob(job))
      return .finishJob(job, HandlerResult())
    },
    EventSequence("`completeWorkItem` in front of an error end", "trouble") {
      .completeWorkItem(try await $0.item("break"))
    },
    EventSequence("`completeWorkItem` in front of a terminating end", "stopping") {
      .completeWorkItem(try await $0.item("stop"))
    },
    EventSequence("`completeWorkItem` of the first of several branches", "race") {
      .completeWorkItem(try await $0.item("right"))
    },
    EventSequence("`saveCase` that fulfils a condition", "condition") {
      .updateCase(UpdateCase(id: $0.id, workflow: "condition", data: "{\"go\": true}"))
    },
    EventSequence("`completeWorkItem` in front of a compensation", "regret") {
      .completeWorkItem(try await $0.item("buy"))
    },
  ]

  private static let failure = WorkItemFailure(message: "no paper")
}
