import Testing

@testable import GraphQL

@Suite("Fragment arguments")
struct FragmentArgumentTests {
  private static let sdl = "type Query { a(x: Int, l: [Int!], s: Boolean): String, inner: Query }"

  private func parse(_ source: String) throws -> Document { try Parser.parse(source, options: .fragmentArguments) }

  private func messages(_ source: String) throws -> [String] {
    validate(try Schema.build(Self.sdl), try parse(source)).map(\.message)
  }

  @Test("documents with them are refused unless asked for")
  func option() throws {
    let definition = #expect(throws: GraphQLError.self) { try Parser.parse("fragment F($x: Int) on Query { a }") }
    #expect(definition?.message == "Syntax Error: Expected \"on\", found \"(\".")
    let spread = #expect(throws: GraphQLError.self) { try Parser.parse("{ ...F(x: 1) }") }
    #expect(spread?.message == "Syntax Error: Expected Name, found \"(\".")
  }

  @Test("they print as they are written, broken into lines where they are long")
  func printing() throws {
    let short =
      "{\n  ...F(x: 1, y: $z) @skip(if: true)\n}\n\nfragment F($x: Int = 1, $y: [Int!]! @d) on Query @e {\n  a\n}"
    #expect(Printer.print(try parse(short)) == short)
    let long =
      "{ ...F(\(["a", "b", "c"].map { "\($0): \"" + String(repeating: $0, count: 30) + "\"" }.joined(separator: ", "))) }"
    #expect(Printer.print(try parse(long)).hasPrefix("{\n  ...F(\n    a: \"aaa"))
  }

  @Test(
    "each rule on variables and arguments holds for fragments",
    arguments: [
      ("{ ...F(x: 1) } fragment F($x: Int) on Query { a(x: $x) }", []),
      (
        "{ ...F(y: 1) } fragment F($x: Int) on Query { a(x: $x) }",
        [#"Unknown argument "y" on fragment "F". Did you mean "x"?"#]
      ),
      (
        "{ ...F } fragment F($x: Int!) on Query { a(x: $x) }",
        [#"Fragment "F" argument "x" of type "Int!" is required, but it was not provided."#]
      ),
      ("{ ...F } fragment F($x: Int! = 1) on Query { a(x: $x) }", []),
      (
        "{ ...F(x: \"1\") } fragment F($x: Int) on Query { a(x: $x) }",
        [#"Int cannot represent non-integer value: "1""#]
      ),
      ("{ ...F } fragment F($x: Int) on Query { a }", [#"Variable "$x" is never used in fragment "F"."#]),
      ("query Q($y: Int) { ...F(x: $y) } fragment F($x: Int) on Query { a(x: $x) }", []),
      (
        "query Q { ...F(x: $y) } fragment F($x: Int) on Query { a(x: $x) }",
        [#"Variable "$y" is not defined by operation "Q"."#]
      ),
      (
        "query Q($x: Int) { ...F(x: 1) } fragment F($x: Int) on Query { a(x: $x) }",
        [#"Variable "$x" is never used in operation "Q"."#]
      ),
      ("{ ...F(x: 1) } fragment F($x: String) on Query { a(x: $x) }", [
          #"String cannot represent a non string value: 1"#,
          #"Variable "$x" of type "String" used in position expecting type "Int"."#,
      ]),
      ("query($y: Int) { ...F(x: $y) } fragment F($x: Int!) on Query { a(x: $x) }", [
        #"Variable "$y" of type "Int" used in position expecting type "Int!"."#
      ]),
      ("{ ...F } fragment F($x: Query) on Query { a(x: $x) }", [
          #"Variable "$x" cannot be non-input type "Query"."#,
          #"Variable "$x" of type "Query" used in position expecting type "Int"."#,
      ]),
      ("{ ...F } fragment F($x: Int @include(if: true)) on Query { a(x: $x) }", [
        #"Directive "@include" may not be used on FRAGMENT_VARIABLE_DEFINITION."#
      ]),
    ] as [(String, [String])])
  func rules(source: String, expected: [String]) throws {
    #expect(try messages(source) == expected)
  }

  @Test(
    "fields merge only where their variables have the same values",
    arguments: [
      ("{ ...F(x: 1) ...F(x: 1) } fragment F($x: Int) on Query { a(x: $x) }", 0),
      ("{ ...F(x: 1) ...F(x: 2) } fragment F($x: Int) on Query { a(x: $x) }", 1),
      ("{ ...F(x: 1) inner { ...F(x: 2) } } fragment F($x: Int) on Query { a(x: $x) }", 0),
      ("query($x: Int) { a(x: $x) ...F(x: $x) } fragment F($x: Int) on Query { a(x: $x) }", 1),
      ("query($y: Int) { a(x: $y) ...F(x: 1) } fragment F($x: Int) on Query { a(x: $y) b: a(x: $x) }", 0),
      (
        "{ ...F(x: 1) ...G(x: 1) } fragment F($x: Int) on Query { ...H(x: $x) } fragment G($x: "
          + "Int) on Query { ...H(x: $x) } fragment H($x: Int) on Query { a(x: $x) }",
        1
      ),
    ])
  func merging(source: String, conflicts: Int) throws {
    #expect(try messages(source).filter { $0.contains("conflict") }.count == conflicts)
  }

  @Test("a fragment that spreads itself with ever new arguments is given up")
  func endless() throws {
    #expect(
      try messages("{ a ...F(x: 1) } fragment F($x: Int) on Query { a ...F(x: $x) }").last == "Validation aborted.")
  }

  @Test("what is wrong with the definitions up to there is said as well, but not what is only known at the end")
  func earlierErrors() throws {
    let unused = try messages("{ a } fragment F($x: Int) on Query { a ...F(x: $x) }")
    #expect(unused == [#"Cannot spread fragment "F" within itself."#, "Validation aborted."])
    let undefined = try messages("{ a ...F(y: $z) } fragment F($x: Int) on Query { a ...F(x: $x) }")
    #expect(undefined.contains(#"Variable "$z" is not defined."#))
  }

  // MARK: Execution

  /// Writes the argument `x` of the field.
  private final class Echo: StepSource, @unchecked Sendable {  // immutable after initialisation
    private final class Batch: RowBatch {
      let value: Value?
      init(_ value: Value?, parents: Int) {
        self.value = value
        super.init(rowCount: 1, starts: .init(repeating: 0, count: parents), ends: .init(repeating: 1, count: parents))
      }
      override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
        guard let value else { return .null }
        output.appendString(value.inspected)
        return .written
      }
    }

    init(_ shape: Shape) { super.init(name: "echo", shape: shape, isSynchronous: true) }

    override func begin(_ request: StepRequest) -> StepResult {
      .ready(Batch(request.arguments["x"], parents: request.parentCount))
    }
  }

  private func run(_ source: String, _ variables: String = "{}") throws -> String {
    let schema = try Schema.build(Self.sdl)
    let document = try parse(source)
    let errors = validate(schema, document)
    try #require(errors.isEmpty, "\(errors)")
    let binding = try SchemaBinding(
      schema: schema, resolvers: ["Query.a": .value(Echo(.one)), "Query.inner": .step(Echo(.one))])
    let plan = try PlanCompiler.compile(document, operation: try document.operation(named: nil), binding: binding)
    let given = try JSONDocument(variables).root.value.object ?? ValueObject()
    var execution = Execution(plan: plan, variables: try plan.coerceVariables(given), context: ExecutionContext())
    let output = OutputBuffer(capacity: 64)
    execution.runSynchronously(into: output)
    return output.string
  }

  @Test("each spread gives the fragment's variables its own values, through any number of fragments")
  func values() throws {
    let result = try run(
      """
      query($x: Int, $y: Int = 7) { ...F(x: 1) inner { ...F(x: $x) inner { ...F inner { ...G(y: $y) } } } }
      fragment F($x: Int = 5) on Query { a(x: $x) }
      fragment G($y: Int) on Query { ...F(x: $y) b: a(x: $x) }
      """, #"{"x": 3}"#)
    #expect(result == #"{"data":{"a":"1","inner":{"a":"3","inner":{"a":"5","inner":{"a":"7","b":"3"}}}}}"#)
  }

  @Test("a fragment's variables decide its conditions")
  func conditions() throws {
    let query =
      "query($t: Boolean!) { ...F(s: true) inner { ...F(s: $t) } } fragment F($s: Boolean!) on Query { a(x: "
        + "1) @include(if: $s) b: a(x: 2) }"
    #expect(try run(query, #"{"t": false}"#) == #"{"data":{"a":"1","b":"2","inner":{"b":"2"}}}"#)
    #expect(try run(query, #"{"t": true}"#) == #"{"data":{"a":"1","b":"2","inner":{"a":"1","b":"2"}}}"#)
  }

  @Test("an absent argument is absent within the fragment, whatever the operation's variable of the same name is")
  func absent() throws {
    let query = "query($x: Int) { a(x: $x) inner { ...F } } fragment F($x: Int) on Query { a(x: $x) }"
    #expect(try run(query, #"{"x": 3}"#) == #"{"data":{"a":"3","inner":{"a":null}}}"#)
  }

  @Test("a value that a fragment's variable cannot have refuses the request")
  func refused() throws {
    let query = "query($x: Int = 1) { ...F(x: $x) } fragment F($x: Int! = 2) on Query { a(x: $x) }"
    let error = #expect(throws: RequestErrors.self) { try run(query, #"{"x": null}"#) }
    #expect(error?.errors.first?.message.hasPrefix(#"Variable "$x" defined by fragment "F" has invalid value"#) == true)
  }

  @Test(
    "a variable of a fragment has to have an input type, and a default of that type where it is needed",
    arguments: [
      ("$x: Query", "", #"Variable "$x" expected value of type "Query" which cannot be used as an input type."#),
      ("$x: Nope!", "(x: 1)", #"Variable "$x" expected value of type "Nope!" which cannot be used as an input type."#),
      (
        "$x: Int = true", "",
        #"Variable "$x" defined by fragment "F" has invalid default value: Int cannot represent non-integer value: true"#
      ),
      ("$x: Int = true", "(x: 1)", nil),
    ])
  func definitions(variable: String, arguments: String, message: String?) throws {
    let document = try parse("{ ...F\(arguments) } fragment F(\(variable)) on Query { a }")
    let definitions = Array(document.definitions)
    let selections = document[document[definitions[0]].selectionSet].children
    let spread = try #require(Array(document.list(selections)).first)
    let schema = try Schema.build(Self.sdl)
    do throws(GraphQLError) {
      _ = try schema.fragmentVariableValues(
        document, spread, of: definitions[1], VariableValues(), outer: VariableValues())
      #expect(message == nil)
    } catch {
      #expect(error.message == message)
    }
  }
}
