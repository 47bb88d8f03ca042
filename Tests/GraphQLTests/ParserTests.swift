import GraphQL
import Testing

/// The error of parsing a text, or nil.
func syntaxError(_ source: String, _ limits: Limits = Limits()) -> GraphQLError? {
  do throws(GraphQLError) {
    _ = try Parser.parse(source, limits: limits)
    return nil
  } catch {
    return error
  }
}

@Suite("Lexer and parser")
struct ParserTests {
  @Test(
    "a text that is not grammatical is refused in the words of the reference, at the right place",
    arguments: [
      ("{", "Expected Name, found <EOF>.", 1, 2),
      ("}", "Unexpected \"}\".", 1, 1),
      ("\n  { ...on }", "Expected Name, found \"}\".", 2, 11),
      ("{ field: {} }", "Expected Name, found \"{\".", 1, 10),
      ("notAnOperation Foo { field }", "Unexpected Name \"notAnOperation\".", 1, 1),
      ("...", "Unexpected \"...\".", 1, 1),
      ("{ \"\"", "Expected Name, found String \"\".", 1, 3),
      ("{ f(a: 00) }", "Invalid number, unexpected digit after 0: \"0\".", 1, 9),
      ("{ f(a: 1.) }", "Invalid number, expected digit but got: \")\".", 1, 10),
      ("{ f(a: 1a) }", "Invalid number, expected digit but got: \"a\".", 1, 9),
      ("{ f(a: .5) }", "Invalid number, expected digit before \".\", did you mean \"0.5\"?", 1, 8),
      ("{ f(a: \"x\n\") }", "Unterminated string.", 1, 10),
      ("{ f(a: \"\\q\") }", "Invalid character escape sequence: \"\\q\".", 1, 9),
      ("{ f(a: \"\\uD800\") }", "Invalid Unicode escape sequence: \"\\uD800\".", 1, 9),
      ("{ f(a: \"\\u{110000}\") }", "Invalid Unicode escape sequence: \"\\u{110000}\".", 1, 9),
      ("{ f(a: 'x') }", "Unexpected single quote character ('), did you mean to use a double quote (\")?", 1, 8),
      ("{ .. }", "Unexpected \"..\", did you mean \"...\"?", 1, 3),
      ("\"d\" { a }", "Unexpected description, descriptions are not supported on shorthand queries.", 1, 1),
      ("query ($a: Int = $b) { a }", "Unexpected variable \"$b\" in constant value.", 1, 18),
      ("fragment on on on { on }", "Unexpected Name \"on\".", 1, 10),
      ("enum E { true }", "Name \"true\" is reserved and cannot be used for an enum value.", 1, 10),
      ("type T {}", "Expected Name, found \"}\".", 1, 9),
      ("extend type T", "Unexpected <EOF>.", 1, 14),
      ("{ a {} }", "Expected Name, found \"}\".", 1, 6),
    ])
  func refusesText(source: String, message: String, line: Int, column: Int) throws {
    let error = try #require(syntaxError(source))
    #expect(error.message == "Syntax Error: " + message)
    #expect(error.locations == [SourceLocation(line: line, column: column)])
    #expect(error.code == "GRAPHQL_PARSE_FAILED")
  }

  @Test(
    "300 levels of selections, lists, objects or list types get an error, not a crash",
    arguments: [
      String(repeating: "{a", count: 300), "{a(b:" + String(repeating: "[", count: 300),
      "{a(b:" + String(repeating: "{c:", count: 300), "query ($a:" + String(repeating: "[", count: 300),
    ])
  func boundsNesting(source: String) throws {
    #expect(
      try #require(syntaxError(source)).message == "Syntax Error: Document is nested too deeply. Parsing aborted.")
  }

  @Test("tokens, comments and bytes are bounded")
  func boundsSize() {
    var limits = Limits()
    limits.maxTokens = 3
    #expect(syntaxError("{ a }", limits) == nil)
    #expect(
      syntaxError("{ a b }", limits)?.message == "Syntax Error: Document contains more than 3 tokens. Parsing aborted.")
    limits = Limits()
    limits.maxComments = 1
    #expect(
      syntaxError("#\n#\n{ a }", limits)?.message
        == "Syntax Error: Document contains more than 1 comments. Parsing aborted.")
    limits.maxDocumentBytes = 4
    #expect(syntaxError("{ a }", limits) != nil)
  }

  @Test("bytes that are not UTF-8 are refused inside and outside of strings")
  func refusesInvalidUTF8() {
    for bytes: [UInt8] in [
      [0x7B, 0xFF, 0x7D], [0x7B, 0x61, 0x28, 0x62, 0x3A, 0x22, 0xC3, 0x28, 0x22], [0x7B, 0xED, 0xA0, 0x80],
    ] {
      #expect(throws: GraphQLError.self) { _ = try Parser.parse(ContiguousArray(bytes)) }
    }
  }

  @Test("columns count code points and every line terminator ends a line once")
  func countsLocations() {
    #expect(syntaxError("{ a(b: \"é😀\") ? }")?.locations == [SourceLocation(line: 1, column: 14)])
    #expect(syntaxError("\r\n\r\n{ ? }")?.locations == [SourceLocation(line: 3, column: 3)])
    #expect(syntaxError("\r\r{ ? }")?.locations == [SourceLocation(line: 3, column: 3)])
  }

  @Test("string values resolve escapes and dedent block strings")
  func readsStrings() throws {
    let document = try Parser.parse(
      "{ f(a: \"\\u{1F600}\\n\\uD83D\\uDE00\", b: \"\"\"\n    x\n      y\\\"\"\"\n\n  \"\"\") }")
    let values = document.nodes.indices.filter { document.nodes[$0].kind == .stringValue }
      .map { document.stringValue(NodeID(UInt32($0))) }
    #expect(values == ["😀\n😀", "x\n  y\"\"\""])
  }

  @Test("a printed document reads back as the same text")
  func printsRoundTrip() throws {
    let source = """
      "An operation"
      query Q($a: [Int!]! = [1, 2] @d) @live {
        x: y(a: $a, b: { c: "d", e: null }) @skip(if: true) {
          ... on T {
            z
          }
          ...F
        }
      }

      fragment F on T {
        __typename
      }

      extend type T implements A & B @d {
        f(a: Int = 1): [String!]
      }

      directive @d(a: Int) repeatable on FIELD | QUERY
      """
    #expect(try Printer.print(Parser.parse(source)) == source)
    #expect(try Printer.print(Parser.parse(stripIgnoredCharacters(source))) == source)
  }
}
