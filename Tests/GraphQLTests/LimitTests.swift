import GraphQL
import Testing

@Suite("Limits of documents")
struct LimitTests {
  private static let schema = """
    type Query { things(first: Int, last: Int, filter: [Filter]): ThingConnection list: [Thing!]! thing: Thing }
    type Thing { name: String things(first: Int): ThingConnection list: [Thing] thing: Thing }
    type ThingConnection { edges: [ThingEdge]! pageInfo: PageInfo! totalCount: Int }
    type ThingEdge { node: Thing cursor: String! }
    type PageInfo { hasNextPage: Boolean! }
    input Filter { id: ID slug: String slugs: [String] name: String invert: Boolean }
    """

  private func cost(
    _ source: String, _ variables: ValueObject = ValueObject(), limits: Limits = Limits()
  ) throws -> Int {
    let schema = try Schema.build(Self.schema)
    let document = try Parser.parse(source)
    try #require(validate(schema, document).map(\.message) == [])
    let cost = OperationCost(of: try document.operation(named: nil), in: document, schema: schema, limits: limits)
    return cost.value(VariableValues(variables), limits: limits)
  }

  @Test(
    "an operation costs one per object, times the pages around it",
    arguments: [
      ("{ __typename }", 0),
      ("{ thing { name } }", 1),
      ("{ list { name } }", 50),
      ("{ list { thing { name } } }", 100),
      ("{ list { list { name } } }", 50 + 50 * 10),
      ("{ thing { list { name } } }", 51),
      ("{ things { totalCount } }", 1),
      ("{ things { edges { node { name } } } }", 51),
      (
        "{ things { edges { node { things { edges { node { list { name } } } } } } } }",
        1 + 50 * (1 + 1 + 10 * (1 + 10))
      ),
      ("{ things(first: 100) { edges { node { name } } pageInfo { hasNextPage } } }", 102),
      ("{ things(last: 7) { edges { node { name } } } }", 8),
      ("{ things(first: 5000) { edges { node { name } } } }", 1_001),
      ("{ things(first: 100) { edges { node { things(first: 50) { edges { node { name } } } } } } }", 5_201),
      ("{ things(first: 3) { ...E } } fragment E on ThingConnection { edges { node { name } } }", 4),
      (
        "{ a: things(first: 3) { ...E } b: things(first: 5) { ...E } } fragment E on ThingConnection { edges { node { "
          + "name } } }",
        10
      ),
      ("{ ... on Query { ... { thing { thing { name } } } } }", 2),
      ("{ list { ...F ...F } } fragment F on Thing { list { name } }", 1_050),
    ])
  func constants(source: String, expected: Int) throws {
    #expect(try cost(source) == expected)
  }

  @Test("a page size in a variable counts as the request gives it")
  func variables() throws {
    let source = """
      query ($n: Int, $m: Int) {
        things(first: $n) { edges { node { ...F } } }
        thing { ...F }
      }
      fragment F on Thing { things(first: $m) { edges { node { thing { name } } } } list { things(first: $m) { edges { node { name } } } } }
      """
    func object(_ n: Value?, _ m: Value?) -> ValueObject {
      var object = ValueObject()
      object["n"] = n
      object["m"] = m
      return object
    }
    // What names no size counts less within a list than outside.
    func expected(_ n: Int, outside m: Int, inside nested: Int) -> Int {
      let inner = (1 + nested * 2) + 10 * (1 + 1 + nested)
      let outer = (1 + m * 2) + 50 * (1 + 1 + nested)
      return 1 + n * (1 + inner) + 1 + outer
    }
    #expect(try cost(source, object(.int(3), .int(5))) == expected(3, outside: 5, inside: 5))
    #expect(try cost(source, object(nil, .null)) == expected(50, outside: 50, inside: 10))
    #expect(try cost(source, object(.int(-4), .int(1 << 40))) == expected(0, outside: 1_000, inside: 1_000))
  }

  @Test(
    "a list that is asked for by keys counts as many as these, unless a filter may mean others as well",
    arguments: [
      ("[{slug: \"a\"}]", 2), ("{id: \"a\"}", 2), ("[{slugs: [\"a\", \"b\", \"c\"]}]", 4),
      ("[{name: \"a\"}, {slug: \"a\"}]", 2),
      ("[{slug: \"a\", invert: true}]", 51), ("[{slug: null}]", 51), ("[{name: \"a\"}]", 51), ("[]", 51),
    ])
  func keys(filter: String, expected: Int) throws {
    #expect(try cost("{ things(filter: \(filter)) { edges { node { name } } } }") == expected)
  }

  @Test("keys in variables count as the request gives them; a page size that is given as well wins")
  func keyVariables() throws {
    let source = """
      query ($s: String, $l: [String], $n: Int) {
        a: things(filter: [{slug: $s}]) { edges { node { name } } }
        b: things(filter: [{slugs: $l}]) { edges { node { name } } }
        c: things(filter: [{slug: $s}], first: $n) { edges { node { name } } }
      }
      """
    func variables(_ slug: Value?, _ slugs: Value?) -> ValueObject {
      var object = ValueObject()
      object["s"] = slug
      object["l"] = slugs
      object["n"] = .int(7)
      return object
    }
    #expect(try cost(source, variables(.string("a"), .list([.string("a"), .string("b")]))) == 3 + 1 + 2 + 7)
    #expect(try cost(source, variables(nil, .null)) == 3 + 50 + 50 + 7)
  }

  @Test("costs that grow exponentially are told without growing with them")
  func exponential() throws {
    var source =
      "query ($n: Int) { thing { ...F0 } } fragment F40 on Thing { things(first: $n) { edges { node { name } } } }"
    for level in 0..<40 {
      source +=
        " fragment F\(level) on Thing { a: things(first: $n) { edges { node { ...F\(level + 1) } } } b: list { ...F\(level + 1) ...F\(level + 1) } }"
    }
    let schema = try Schema.build(Self.schema)
    let document = try Parser.parse(source)
    let cost = OperationCost(of: try document.operation(named: nil), in: document, schema: schema)
    var variables = ValueObject()
    variables["n"] = .int(1_000)
    let value = cost.value(VariableValues(variables), limits: Limits())
    #expect(value >= 1 << 40)
    let error = #expect(throws: GraphQLError.self) { try cost.check(value, limits: Limits()) }
    #expect(error?.code == "COST_LIMIT")
    #expect(error?.message.contains("too many objects") == true)
  }

  @Test(
    "aliases and directives are counted before anything else is done",
    arguments: [
      ("{ \((0..<51).map { "a\($0): __typename" }.joined(separator: " ")) }", "MAX_ALIASES_LIMIT"),
      ("{ \((0..<50).map { "a\($0): __typename" }.joined(separator: " ")) }", nil),
      ("{ __typename \(String(repeating: "@a ", count: 9)) }", "MAX_DIRECTIVES_LIMIT"),
      ("{ __typename \(String(repeating: "@a ", count: 8)) }", nil),
      ("query \(String(repeating: "@a ", count: 9)) { __typename }", "MAX_DIRECTIVES_LIMIT"),
      ("query ($a: Int \(String(repeating: "@a ", count: 9))) { __typename }", "MAX_DIRECTIVES_LIMIT"),
      ("{ ...F \(String(repeating: "@a ", count: 9)) }", "MAX_DIRECTIVES_LIMIT"),
      ("{ \(String(repeating: "a @b ", count: 101)) }", "MAX_DIRECTIVES_LIMIT"),
      ("{ \(String(repeating: "a @b ", count: 100)) }", nil),
    ] as [(String, String?)])
  func counts(source: String, code: String?) throws {
    let document = try Parser.parse(source)
    do throws(GraphQLError) {
      try checkCounts(of: document)
      #expect(code == nil)
    } catch {
      #expect(error.code == code)
    }
  }

  @Test("root fields are counted through fragments")
  func rootFields() throws {
    let twenty = (0..<20).map { "a\($0): __typename" }.joined(separator: " ")
    try checkSize(of: try Parser.parse("{ \(twenty) }"))
    for source in [
      "{ \(twenty) thing { name } }", "{ ...F thing { name } } fragment F on Query { \(twenty) }",
      "{ ... { \(twenty) } ...F } fragment F on Query { __typename }",
    ] {
      let error = #expect(throws: GraphQLError.self) { try checkSize(of: try Parser.parse(source)) }
      #expect(error?.code == "MAX_ROOT_FIELDS_LIMIT")
    }
  }

  @Test("a document that takes longer to plan than it may is told so, and nothing else")
  func planningBudget() throws {
    let schema = try Schema.build(Self.schema)
    let document = try Parser.parse("{ things { nothing } }")
    #expect(
      validate(schema, document, budget: PlanningBudget(milliseconds: 1_000)).map(\.code) == [
        "GRAPHQL_VALIDATION_FAILED"
      ])
    #expect(validate(schema, document, budget: PlanningBudget(milliseconds: 0)).map(\.code) == ["PLANNING_BUDGET"])
  }

  @Test("the limits are those that the reference lists")
  func defaults() {
    let limits = Limits()
    #expect(limits.maxDocumentBytes == 100_000 && limits.maxTokens == 10_000 && limits.maxNesting == 200)
    #expect(limits.maxComments == 1_000 && limits.maxSelectionDepth == 15 && limits.maxExpandedFields == 5_000)
    #expect(limits.maxAliases == 50 && limits.maxRootFields == 20)
    #expect(limits.maxDirectives == 100 && limits.maxDirectivesPerLocation == 8)
    #expect(limits.maxCost == 10_000 && limits.assumedListSize == 50)
    #expect(limits.maxValidationErrors == 100 && limits.maxErrors == 100 && limits.maxJSONDepth == 64)
    #expect(limits.requestTimeout == 30_000 && limits.planningBudget == 50 && limits.maxUserOperations == 1_000)
  }

  @Test("each limit of the parser and of validation has a code of its own")
  func codes() throws {
    let schema = try Schema.build(Self.schema)
    func first(_ source: String, _ limits: Limits = Limits()) -> String? {
      do throws(GraphQLError) {
        return validate(schema, try Parser.parse(source, limits: limits), limits: limits).last?.code
      } catch {
        return error.code
      }
    }
    #expect(first(String(repeating: "#\n", count: 1_001) + "{ a }") == "TOO_MANY_COMMENTS")
    #expect(first("{ \(String(repeating: "a ", count: 10_001)) }") == "TOO_MANY_TOKENS")
    #expect(first("{ \(String(repeating: "thing { ", count: 201))") == "NESTING_TOO_DEEP")
    #expect(first(String(repeating: " ", count: 100_001)) == "DOCUMENT_TOO_LARGE")
    #expect(first("{ \((0..<101).map { "x\($0) " }.joined()) }") == "TOO_MANY_ERRORS")
    #expect(
      first("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }")
        == "INTROSPECTION_TOO_DEEP")
    let hidden = validate(
      schema, try Parser.parse("{ __schema { types { name } } }"), rules: .specified.adding(.noSchemaIntrospection))
    #expect(hidden.first?.code == "INTROSPECTION_DISABLED")
  }
}
