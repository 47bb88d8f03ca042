import GraphQL
import Testing

@Suite("Coercion")
struct CoercionTests {
  static let source = """
    input In { a: Int! b: String = "d" c: [Int] }
    input One @oneOf { a: Int b: String }
    enum E { RED }
    scalar Even
    type Query { f(in: In, list: [[Int]], one: One, e: E, id: ID, float: Float, even: Even, n: Int! = 3): Int }
    """
  let schema: Schema

  init() throws {
    let even = ScalarCoercion { value throws(GraphQLError) in
      guard let number = value.int, number % 2 == 0 else {
        throw GraphQLError("Even cannot represent \(value.int ?? 0)")
      }
      return .int(number)
    }
    schema = try Schema.build(Self.source, scalars: ["Even": even])
  }

  private func variables(_ type: String, _ json: String) throws -> VariableValues {
    let document = try Parser.parse("query ($v: \(type)) { f }")
    let operation = try #require(document.definitions.first { _ in true })
    return try schema.coerceVariableValues(document, operation, JSONDocument(json).root.value.object)
  }

  @Test(
    "a variable takes the value that the specification's tables give",
    arguments: [
      ("Int", "{\"v\": 1.0}", Value.int(1)), ("Float", "{\"v\": 1}", .float(1)), ("ID", "{\"v\": 7}", .string("7")),
      ("[Int]", "{\"v\": 1}", .list([.int(1)])), ("[[Int]]", "{\"v\": 1}", .list([.list([.int(1)])])),
      ("[[Int]]", "{\"v\": [1, null, 3]}", .list([.list([.int(1)]), .null, .list([.int(3)])])),
      ("E", "{\"v\": \"RED\"}", .enumValue("RED")), ("Int", "{\"v\": null}", .null), ("Int = 4", "{}", .int(4)),
      ("Even", "{\"v\": 4}", .int(4)),
      (
        "In", "{\"v\": {\"a\": 1}}",
        .object(ValueObject([.init(name: "a", value: .int(1)), .init(name: "b", value: .string("d"))]))
      ),
    ])
  func coercesVariable(type: String, json: String, expected: Value) throws {
    #expect(try variables(type, json)["v"] == expected)
  }

  @Test(
    "a variable that does not fit is refused with its path",
    arguments: [
      ("Int!", "{}", "Variable \"$v\" has invalid value: Expected a value of non-null type \"Int!\" to be provided."),
      (
        "Int!", "{\"v\": null}",
        "Variable \"$v\" has invalid value: Expected value of non-null type \"Int!\" not to be null."
      ),
      ("Int", "{\"v\": 1.5}", "Variable \"$v\" has invalid value: Int cannot represent non-integer value: 1.5"),
      (
        "Int", "{\"v\": 3000000000}",
        "Variable \"$v\" has invalid value: Int cannot represent non 32-bit signed integer value: 3000000000"
      ),
      (
        "[Int]", "{\"v\": [1, \"a\"]}",
        "Variable \"$v\" has invalid value at [1]: Int cannot represent non-integer value: \"a\""
      ),
      (
        "In", "{\"v\": {\"a\": true}}",
        "Variable \"$v\" has invalid value at .a: Int cannot represent non-integer value: true"
      ),
      (
        "E", "{\"v\": \"RAD\"}",
        "Variable \"$v\" has invalid value: Value \"RAD\" does not exist in \"E\" enum. Did you mean the enum value \"RED\"?"
      ),
      ("Even", "{\"v\": 3}", "Variable \"$v\" has invalid value: Even cannot represent 3"),
      (
        "Query", "{\"v\": 3}", "Variable \"$v\" expected value of type \"Query\" which cannot be used as an input type."
      ),
    ])
  func refusesVariable(type: String, json: String, message: String) throws {
    let errors = #expect(throws: RequestErrors.self) { _ = try variables(type, json) }
    #expect(errors?.errors.first?.message == message)
    #expect(errors?.errors.first?.code == "BAD_USER_INPUT")
  }

  @Test("arguments take defaults, tell absent from null and use variables")
  func coercesArguments() throws {
    let document = try Parser.parse("query ($a: Int, $b: Int) { f(in: { a: 1, c: [$a, $b] }, id: null, n: $a) }")
    let field = try #require(document.nodes.indices.first { document.nodes[$0].kind == .field })
    let query = try #require(schema.queryType)
    let name = try #require(schema.names.find("f"))
    let definition = try #require(schema.field(query, name))
    let values = try schema.coerceArgumentValues(
      schema[definition].arguments, document, NodeID(UInt32(field)),
      VariableValues(ValueObject([.init(name: "b", value: .int(2))])))
    #expect(values["n"] == .int(3))
    #expect(values["id"] == .null)
    #expect(values["list"] == nil)
    #expect(values["in"]?["c"] == .list([.null, .int(2)]))
  }
}
