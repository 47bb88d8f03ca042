import API
import EventLoop
import GraphQL
import Logging
import Testing

@Suite("Explaining a request")
struct RequestExplanationTests {
  private func explain(_ query: String, _ variables: ValueObject = ValueObject()) throws -> RequestExplanation {
    try RequestExplanation(
      query, operationName: nil, variables: variables, schema: try APISchema(), settings: APISettings(),
      loop: try EventLoop(name: "explain"), logger: Logger(label: "test"))
  }

  @Test("each step names its field, its parent and the statement it sends")
  func showsSteps() throws {
    let explanation = try explain(
      "query Q($s: Status) { items: allWorkItems(filter: [{status: "
        + "$s}]) { totalCount edges { node { task { slug } } } } }",
      ValueObject([.init(name: "s", value: .string("READY"))]))
    try #require(explanation.steps.count == 2)
    let list = explanation.steps[0]
    #expect(list.plan.path == "items")
    #expect(list.plan.coordinate == "Query.allWorkItems")
    #expect(list.statements.count == 2)
    #expect(list.statements[0].contains("from work_items t where t.status = $1"))
    let task = explanation.steps[1]
    #expect(task.plan.parent == 0)
    #expect(task.plan.path == "items.edges.node.task")
    #expect(task.statements.count == 1)
  }

  @Test("a mutation is not carried out; what is read after it shows")
  func doesNotMutate() throws {
    let explanation = try explain(
      "mutation { suspendCase(input: {id: \"x\"}) { case { workflow { slug } } } }")
    #expect(explanation.operation == .mutation)
    #expect(explanation.steps.map(\.statements.count) == [0, 1, 1])
  }

  @Test("an invalid document is refused as the server refuses it")
  func refuses() {
    #expect(throws: RequestErrors.self) { try explain("{ nothing }") }
  }
}
