import Testing

@testable import GraphQL

@Suite("Executing plans")
struct ExecutionTests {
  private func run(_ source: String, schema sdl: String = "type Query { a: Int }") throws -> String {
    let schema = try SchemaBuilder.build(try Parser.parse(sdl))
    let document = try Parser.parse(source)
    let errors = Validator.validate(document, schema: schema)
    try #require(errors.isEmpty, "\(errors)")
    let binding = try SchemaBinding(
      schema: schema, resolvers: ["Query.a": .step(EmptySource())])
    let plan = try PlanCompiler.compile(document, operation: document.operations[0], binding: binding)
    let variables = try coerceVariableValues(
      schema: schema, document: document, definitions: plan.variables, given: .object([])
    ).get()
    var execution = Execution(plan: plan, variables: variables, context: ExecutionContext())
    var output = OutputBuffer()
    execution.runSynchronously(into: &output)
    return String(decoding: output.bytes, as: UTF8.self)
  }

  private final class EmptySource: StepSource, @unchecked Sendable {
    init() { super.init(name: "empty", shape: .one, isSynchronous: true) }

    override func begin(_ request: StepRequest) -> StepResult {
      .ready(RowBatch(rowCount: 0, starts: [0], ends: [0]))
    }
  }

  @Test("a type name is written without a source")
  func typename() throws {
    #expect(try run("{ __typename again: __typename }") == #"{"data":{"__typename":"Query","again":"Query"}}"#)
  }

  @Test("introspection reads the schema")
  func introspection() throws {
    let result = try run(#"{ __type(name: "Query") { kind name fields { name type { name kind ofType { name } } } } }"#)
    #expect(
      result
        == #"{"data":{"__type":{"kind":"OBJECT","name":"Query","fields":[{"name":"a","type":{"name":"Int","kind":"SCALAR","ofType":null}}]}}}"#
    )
  }
}
