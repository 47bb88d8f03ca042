import Expressions
import Testing
import WorkflowEngine
import WorkflowStore

@Suite("What starts cases without anybody")
struct StartTests {
  @Test("a clock's seconds may come as a text, as GraphQL has them", arguments: [Value.string("3600"), .int(3600)])
  func clock(delay: Value) throws {
    let node = try NodeJSON.node(.object([Value.Member(key: "delay", value: delay)]))
    #expect(node.delay == .seconds(3600))
    var definitions = Definitions()
    definitions.insert(TaskDefinition(slug: "tick", type: .startFunction, node: node))
    let workflow = WorkflowDefinition(slug: "daily", startTasks: ["tick"], flows: [])
    definitions.insert(workflow)
    let starts = StartStore.starts(of: definitions)
    #expect(starts.map(\.task) == ["tick"] && starts.first?.interval == 3600 && starts.first?.signal == nil)
  }

  @Test("neither a clock nor a signal starts cases of a workflow that is archived or not published")
  func archived() {
    var definitions = Definitions()
    var clock = NodeDefinition()
    clock.delay = .seconds(60)
    definitions.insert(TaskDefinition(slug: "tick", type: .startFunction, node: clock))
    definitions.insert(TaskDefinition(slug: "ring", type: .startSignal, node: NodeDefinition()))
    for (slug, startsByItself) in [("open", true), ("archived", false)] {
      var workflow = WorkflowDefinition(slug: slug, startTasks: ["tick", "ring"], flows: [])
      workflow.startsByItself = startsByItself
      definitions.insert(workflow)
    }
    #expect(StartStore.starts(of: definitions).map { "\($0.workflow) \($0.task)" } == ["open tick", "open ring"])
  }

  @Test("a clock that only an expression tells is found when the workflow is checked")
  func expression() {
    let node = { () -> NodeDefinition in
      var node = NodeDefinition(edges: [EdgeDefinition("end")])
      node.delay = .expression("case.data.pause")
      return node
    }()
    let tasks = [
      TaskDefinition(slug: "tick", type: .startFunction, node: node), TaskDefinition(slug: "end", type: .end),
    ]
    let problems = WorkflowValidation.problems(
      of: WorkflowDefinition(slug: "daily", startTasks: ["tick"], flows: []),
      tasks: Dictionary(uniqueKeysWithValues: tasks.map { ($0.slug, $0) }))
    #expect(problems.map(\.code) == [.incomplete] && problems.first?.task == "tick")
  }
}
