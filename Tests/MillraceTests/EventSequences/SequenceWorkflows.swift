import Millrace
import WorkflowEngine
import WorkflowStore

/// The workflows that the page describes.
enum SequenceWorkflows {
  private static let editor = CaseService.Editor(caller: Caller(), language: "en")

  static func define(_ service: CaseService) async throws {
    for slug in ["draft", "review", "check", "send", "archive", "w1", "w2", "v", "m", "file", "press", "remind"] {
      var task = DefinitionStore.TaskInput(slug: slug, type: .simple, name: slug)
      if slug == "m" { task.isMultipleInstance = .given(true) }
      try await service.saveTask(task, by: editor)
    }
    for task in nodes {
      var input = DefinitionStore.TaskInput(slug: task.slug, type: task.type, name: task.slug)
      input.node = .given(task.node)
      try await service.saveTask(input, by: editor)
    }
    for (slug, start) in [
      ("papers", ["draft"]), ("family", ["w1", "w2"]), ("sub", ["v"]), ("many", ["m"]), ("sorting", ["sort"]),
      ("charging", ["charge"]), ("waiting", ["wait"]), ("signing", ["sign"]), ("inbox", ["catch"]),
      ("noise", ["shout", "listen"]), ("alarm", ["ring"]), ("machine", ["start"]), ("process", ["part"]),
      ("batch", ["parts"]),
      ("failing", ["break"]), ("trouble", ["risk"]), ("stopping", ["stop", "w1"]), ("race", ["first"]),
      ("condition", ["until"]), ("turns", ["turn"]), ("lost", ["lose"]), ("regret", ["buy"]),
    ] {
      var workflow = DefinitionStore.WorkflowInput(slug: slug, name: slug, startTasks: start)
      workflow.isPublished = .given(true)
      try await service.saveWorkflow(workflow, by: editor)
    }
    for (tasks, next, redoable) in [
      (["draft"], "['review', 'check']|tasks", nil), (["review", "check"], "'send'|task", nil),
      (["send"], "'archive'|task", "['draft', 'review']|tasks"),
    ] as [([String], String, String?)] {
      try await service.addFlow(
        CaseService.FlowInput(workflow: "papers", tasks: tasks, next: next, redoable: redoable), by: editor)
    }
  }

  private static let nodes: [TaskDefinition] = [
    node("sort", .job, "file") { node in
      node.handler = "sort"
      node.retry = RetryPolicy(maximumAttempts: 2)
    },
    node("charge", .job, "file") { node in
      node.handler = "charge"
      node.boundaries = [BoundaryDefinition(.error, target: "remind")]
    },
    node("wait", .timer, "file") { $0.delay = .seconds(86_400) },
    node("sign", .simple, "file") { node in
      node.boundaries = [BoundaryDefinition(.timer, target: "remind", delay: .seconds(86_400))]
    },
    node("catch", .catchCall, "file"),
    node("shout", .simple, "throw"),
    node("throw", .throwSignal) { $0.signal = "noise" },
    node("listen", .catchSignal, "file") { $0.signal = "noise" },
    node("ring", .startSignal, "file") { $0.signal = "noise" },
    node("start", .startFunction, "begin"),
    node("begin", .simple, "fork"),
    node("fork", .split, "stamp", "press-once"),
    node("stamp", .handler, "merge") { $0.handler = "stamp" },
    node("press-once", .simple, "merge"),
    node("merge", .join, "done"),
    node("done", .end),
    node("part", .subprocess, "file") { $0.subprocess = SubprocessDefinition("sub") },
    node("parts", .multiSubprocess, "file") { $0.subprocess = SubprocessDefinition("sub", items: "[1]") },
    node("turn", .multiSubprocess, "file") {
      $0.subprocess = SubprocessDefinition("sub", items: "[1]", isSequential: true)
    },
    node("lose", .job) { $0.edges = [EdgeDefinition("file", condition: "data.go")] },
    node("break", .simple, "broken"),
    node("broken", .errorEnd) { $0.errorCode = "broken" },
    node("risk", .subprocess, "file") { node in
      node.subprocess = SubprocessDefinition("failing")
      node.boundaries = [BoundaryDefinition(.error, target: "remind")]
    },
    node("stop", .simple, "all-over"),
    node("all-over", .terminateEnd),
    node("first", .splitFirst, "left", "right"),
    node("left", .simple, "file"),
    node("right", .simple, "file"),
    node("until", .condition, "file") { $0.condition = "data.go" },
    node("buy", .simple, "back") { $0.compensationHandler = "stamp" },
    node("back", .compensation, "file"),
  ]

  private static func node(
    _ slug: String, _ type: TaskType, _ targets: String..., configure: (inout NodeDefinition) -> Void = { _ in }
  ) -> TaskDefinition {
    var node = NodeDefinition(edges: targets.map { EdgeDefinition($0) })
    configure(&node)
    return TaskDefinition(slug: slug, type: type, node: node)
  }

  /// The handlers that nodes name: they do nothing.
  static func extensions() throws -> ExtensionTable {
    var registry = ExtensionRegistry()
    registry.nodeHandler("stamp") { _, _ in HandlerResult() }
    return try ExtensionTable(registry, modules: [])
  }
}
