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

  @Test("every field of the API can be explained, with all that stands below it")
  func everything() throws {
    let api = try APISchema()
    let schema = api.binding.schema
    var settings = APISettings()
    settings.limits.maxCost = 100_000_000
    settings.limits.maxExpandedFields = 100_000_000
    settings.limits.maxMergedFields = 100_000_000
    settings.limits.planningBudget = 60_000
    settings.limits.maxDocumentBytes = 100_000_000
    settings.limits.maxTokens = 100_000_000
    let loop = try EventLoop(name: "explain")
    var steps = 0
    for operation in [OperationType.query, .mutation, .subscription] {
      let root = try #require(schema.rootType(operation))
      for field in schema.fields[schema[root].fields] {
        let (name, arguments) = (schema.names.string(field.name), schema.inputValues[field.arguments])
        let required = arguments.filter(\.isRequired)
        // A file comes with a request, not in a document.
        guard name != "loadDefinitions" else { continue }
        let names = required.map { schema.names.string($0.name) }
        let declared = zip(names, required).map { "$\($0): \(schema.describe($1.type))" }.joined(separator: ", ")
        let given = names.map { "\($0): $\($0)" }.joined(separator: ", ")
        let query = "\(operation.keyword) Q\(declared.isEmpty ? "" : "(\(declared))") { \(name)"
          + "\(given.isEmpty ? "" : "(\(given))") \(selection(of: field.type.named, schema, depth: 3)) }"
        let variables = zip(names, required).map {
          ValueObject.Field(name: $0, value: example(of: $1.type, schema))
        }
        let explanation = try RequestExplanation(
          query, operationName: nil, variables: ValueObject(variables), schema: api, settings: settings, loop: loop,
          logger: Logger(label: "test"))
        #expect(!explanation.steps.isEmpty, "\(name)")
        steps += explanation.steps.count
      }
    }
    #expect(steps > 1_000)
  }

  /// All fields without required arguments.
  private func selection(of type: TypeID, _ schema: Schema, depth: Int) -> String {
    let definition = schema[type]
    guard definition.kind != .scalar, definition.kind != .enum else { return "" }
    var parts = ["__typename"]
    for field in schema.fields[definition.fields] where !schema.inputValues[field.arguments].contains(where: \.isRequired) {
      let isLeaf = [TypeKind.scalar, .enum].contains(schema[field.type.named].kind)
      guard isLeaf || depth > 0 else { continue }
      parts.append("\(schema.names.string(field.name)) \(selection(of: field.type.named, schema, depth: depth - 1))")
    }
    return "{ \(parts.joined(separator: " ")) }"
  }

  private func example(of type: TypeReference, _ schema: Schema) -> Value {
    guard !type.nullable.isList else { return .list([]) }
    let definition = schema[type.named]
    switch definition.kind {
    case .enum: return .string(schema.names.string(schema.enumValues[definition.enumValues.lowerBound].name))
    case .inputObject:
      let inputs = schema.inputValues[definition.inputFields]
      let given = definition.isOneOf ? Array(inputs.prefix(1)) : inputs.filter(\.isRequired)
      return .object(
        ValueObject(
          given.map { ValueObject.Field(name: schema.names.string($0.name), value: example(of: $0.type, schema)) }))
    default:
      switch schema.name(type.named) {
      case "Int", "Float": return .int(1)
      case "Boolean": return .boolean(true)
      case "DateTime": return .string("2026-01-01T00:00:00Z")
      case "Date": return .string("2026-01-01")
      case "JSONString": return .string("{}")
      default: return .string("x")
      }
    }
  }

  @Test("an invalid document is refused as the server refuses it")
  func refuses() {
    #expect(throws: RequestErrors.self) { try explain("{ nothing }") }
  }
}
