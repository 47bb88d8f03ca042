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

  @Test("a clock that only an expression tells is found when the workflow is checked")
  func expression() {
    let node = { () -> NodeDefinition in
      var node = NodeDefinition(edges: [EdgeDefinition("end")])
      node.delay = .expression("case.data.pause")
      return node
    }()
    let tasks = [TaskDefinition(slug: "tick", type: .startFunction, node: node), TaskDefinition(slug: "end", type: .end)]
    let problems = WorkflowValidation.problems(
      of: WorkflowDefinition(slug: "daily", startTasks: ["tick"], flows: []),
      tasks: Dictionary(uniqueKeysWithValues: tasks.map { ($0.slug, $0) }))
    #expect(problems.map(\.code) == [.incomplete] && problems.first?.task == "tick")
  }
}
