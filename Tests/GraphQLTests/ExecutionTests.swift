import Testing

@testable import GraphQL

@Suite("Executing plans")
struct ExecutionTests {
  private static let sdl = """
    type Query { thing(fail: Boolean): Thing, things(first: Int): ThingConnection, one: Named }
    interface Named { name: String! }
    type Thing implements Named { name: String!, note: String, tags: [String!], inner: Thing }
    type Other implements Named { name: String! }
    type ThingConnection { pageInfo: PageInfo!, edges: [ThingEdge]!, totalCount: Int }
    type ThingEdge { node: Thing, cursor: String! }
    type PageInfo { hasNextPage: Boolean!, hasPreviousPage: Boolean!, startCursor: String, endCursor: String }
    """

  /// Rows of texts; nil stands for null.
  private final class Batch: RowBatch {
    let rows: [[String?]]
    let slots: [Int]

    init(_ rows: [[String?]], _ request: StepRequest, perParent: Int) {
      self.rows = rows
      slots = request.properties.map(\.index)
      let parents = request.parentCount
      let starts = (0..<parents).map { Int32(perParent == 0 ? 0 : $0 * perParent) }
      super.init(
        rowCount: rows.count, starts: ContiguousArray(starts),
        ends: ContiguousArray(starts.map { min($0 + Int32(perParent), Int32(rows.count)) }),
        pages: ContiguousArray(
          repeating: PageSlice(offset: 2, hasNextPage: true, totalCount: request.connection.totalCount ? 9 : nil),
          count: parents))
    }

    override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
      guard let text = rows[row][slots[slot]] else { return .null }
      output.appendString(text)
      return .written
    }

    override func concreteType(ofRow row: Int) -> TypeID? { TypeID(0) }
  }

  private final class Source: StepSource, @unchecked Sendable {  // immutable after initialisation
    let rows: [[String?]]

    init(_ shape: StepSource.Shape, _ rows: [[String?]]) {
      self.rows = rows
      super.init(name: "test", shape: shape, isSynchronous: true)
    }

    override func begin(_ request: StepRequest) -> StepResult {
      if request.arguments["fail"]?.boolean == true { return .failed(GraphQLError("It failed.", code: "NO")) }
      let all = shape == .connection ? rows : Array(repeating: rows, count: request.parentCount).flatMap { $0 }
      return .ready(Batch(all, request, perParent: rows.count))
    }
  }

  private func run(_ source: String, _ variables: String = "{}", rows: [[String?]] = [["a", nil]]) throws -> String {
    let schema = try Schema.build(Self.sdl)
    let document = try Parser.parse(source)
    let errors = validate(schema, document)
    try #require(errors.isEmpty, "\(errors)")
    let one = FieldResolver.step(Source(.one, rows))
    let binding = try SchemaBinding(
      schema: schema,
      resolvers: [
        "Query.thing": one, "Query.things": .step(Source(.connection, [["a", "x"], ["b", nil]])),
        "Query.one": .steps([]),
        "Thing.name": .property(PropertyID(0)), "Thing.note": .property(PropertyID(1)),
        "Thing.tags": .property(PropertyID(1)), "Thing.inner": one, "Other.name": .property(PropertyID(0)),
      ])
    let plan = try PlanCompiler.compile(document, operation: try document.operation(named: nil), binding: binding)
    let given = try JSONDocument(variables).root.value.object ?? ValueObject()
    var execution = Execution(plan: plan, variables: try plan.coerceVariables(given), context: ExecutionContext())
    let output = OutputBuffer(capacity: 64)
    execution.runSynchronously(into: output)
    return output.string
  }

  @Test("fields come in the order of the document, merged where they have the same key")
  func merging() throws {
    let result = try run(
      "{ thing { b: name inner { name } ...F } } fragment F on Thing { note inner { note b: name } }")
    #expect(result == #"{"data":{"thing":{"b":"a","inner":{"name":"a","note":null,"b":"a"},"note":null}}}"#)
  }

  @Test("a type name is written without a source")
  func typename() throws {
    #expect(try run("{ __typename again: __typename }") == #"{"data":{"__typename":"Query","again":"Query"}}"#)
  }

  @Test("skip and include are looked at when the plan runs, also within merged fields")
  func conditions() throws {
    let query =
      "query($t: Boolean!) { thing { name @skip(if: $t) note @include(if: $t) } thing @include(if: $t) { extra: "
        + "name } }"
    #expect(try run(query, #"{"t": true}"#) == #"{"data":{"thing":{"note":null,"extra":"a"}}}"#)
    #expect(try run(query, #"{"t": false}"#) == #"{"data":{"thing":{"name":"a"}}}"#)
  }

  @Test("a condition that is null in spite of its default refuses the request, unless it is within what is left out")
  func nullConditions() throws {
    for query in [
      "query($t: Boolean = true) { thing { name @skip(if: $t) } }",
      "query($t: Boolean = true) { thing @include(if: true) { ...F } } fragment F on Thing { name @include(if: $t) }",
    ] {
      #expect(try run(query).hasPrefix(#"{"data":"#))
      let refused = #expect(throws: RequestErrors.self) { try run(query, #"{"t": null}"#) }
      #expect(refused?.errors.first?.message.hasPrefix(#"Variable "$t" has invalid value"#) == true)
      #expect(refused?.errors.first?.locations.first?.column == 7)
    }
    let outer = "query($o: Boolean!, $t: Boolean = true) { __typename thing @skip(if: $o) { name @skip(if: $t) } }"
    #expect(try run(outer, #"{"o": true, "t": null}"#) == #"{"data":{"__typename":"Query"}}"#)
    #expect(throws: RequestErrors.self) { try run(outer, #"{"o": false, "t": null}"#) }
  }

  @Test("a null in a non-null place takes its object away, and the error says where")
  func nullPropagation() throws {
    let result = try run("{ thing { inner { name } } }", rows: [[nil, nil]])
    #expect(
      result
        == #"{"data":{"thing":{"inner":null}},"errors":[{"message":"Cannot return null for non-nullable field Thing.name.","locations":[{"line":1,"column":19}],"path":["thing","inner","name"]}]}"#
    )
  }

  @Test("a source that fails makes its field null, and its neighbours stay")
  func failure() throws {
    let result = try run("query($f: Boolean) { bad: thing(fail: $f) { name } good: thing { name } }", #"{"f": true}"#)
    #expect(
      result
        == #"{"data":{"bad":null,"good":{"name":"a"}},"errors":[{"message":"It failed.","locations":[{"line":1,"column":22}],"path":["bad"],"extensions":{"code":"NO"}}]}"#
    )
  }

  @Test("a connection has its parts, with cursors that count from its offset")
  func connection() throws {
    let result = try run(
      "{ things { totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor node { name } } } }")
    #expect(
      result
        == #"{"data":{"things":{"totalCount":9,"pageInfo":{"hasNextPage":true,"hasPreviousPage":true,"endCursor":"YXJyYXljb25uZWN0aW9uOjM="},"edges":[{"cursor":"YXJyYXljb25uZWN0aW9uOjI=","node":{"name":"a"}},{"cursor":"YXJyYXljb25uZWN0aW9uOjM=","node":{"name":"b"}}]}}}"#
    )
    #expect(Cursor("YXJyYXljb25uZWN0aW9uOjM=") == Cursor(offset: 3))
    #expect(Cursor("bm90aGluZw==") == nil)
  }

  @Test("introspection reads the schema")
  func introspection() throws {
    let result = try run(#"{ __type(name: "Thing") { kind name fields { name type { name kind ofType { name } } } } }"#)
    #expect(
      result.hasPrefix(
        #"{"data":{"__type":{"kind":"OBJECT","name":"Thing","fields":[{"name":"name","type":{"name":null,"kind":"NON_NULL","ofType":{"name":"String"}}}"#
      ))
  }

  @Test("a field without a resolver, and a resolver without a field, are reported by name")
  func unbound() throws {
    let schema = try Schema.build("type Query { a: Int, b: Int }")
    let errors = #expect(throws: SchemaErrors.self) {
      try SchemaBinding(
        schema: schema, resolvers: ["Query.a": .property(PropertyID(0)), "Query.c": .property(PropertyID(0))])
    }
    #expect(
      errors?.errors.map(\.message) == [
        "The field Query.b has no resolver.", "There is a resolver for Query.c, but no such field.",
      ])
  }

  @Test("an operation too deep or too large once its fragments are expanded is refused")
  func size() throws {
    let deep =
      "{ thing " + String(repeating: "{ inner ", count: 20) + "{ name }" + String(repeating: " }", count: 20) + " }"
    let tooDeep = #expect(throws: GraphQLError.self) { try checkSize(of: try Parser.parse(deep)) }
    #expect(tooDeep?.code == "MAX_DEPTH_LIMIT")
    var growing = "{ thing { ...F0 } } fragment F14 on Thing { name }"
    for level in 0..<14 {
      growing += " fragment F\(level) on Thing { a: inner { ...F\(level + 1) } b: inner { ...F\(level + 1) } }"
    }
    var limits = Limits()
    limits.maxSelectionDepth = 100
    let tooLarge = #expect(throws: GraphQLError.self) { try checkSize(of: try Parser.parse(growing), limits: limits) }
    #expect(tooLarge?.code == "MAX_FIELDS_LIMIT")
  }
}
