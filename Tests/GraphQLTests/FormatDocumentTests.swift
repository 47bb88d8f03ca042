import GraphQL
import Testing

@Suite("Formatting documents")
struct FormatDocumentTests {
  @Test("comments stay with what they stood above, and what stood behind a line moves above it")
  func keepsComments() throws {
    let source = """
      # licence

      query Q($n: Int) { # all of them
        # open ones
        items(first: $n) { id # the key
          name
          # nothing below
        } }
      # end
      """
    #expect(
      try formatDocument(source) == """
        # licence

        # all of them
        query Q($n: Int) {
          # open ones
          items(first: $n) {
            # the key
            id
            name
            # nothing below
          }
        }

        # end

        """)
  }

  @Test("formatting twice changes nothing", arguments: [
    "query { a }", "{ a(x: [1,2,3]) @skip(if: true) }", "# only a comment", "",
      "union U = | A # first\n | B # second",
      "\"\"\"\n text\n\"\"\"\ntype T implements & A & B { # fields\n a: Int # last\n}",
    "# a\n# b\nfragment F on T { a }\n\n\n# c\n{ ...F }", "{ a } # end",
  ])
  func isIdempotent(source: String) throws {
    let once = try formatDocument(source)
    let twice = try formatDocument(once)
    #expect(once == twice)
    let comments = source.count { $0 == "#" }
    #expect(once.count { $0 == "#" } == comments)
  }

  @Test("a text that is not grammatical is refused with its place")
  func refuses() {
    #expect(throws: GraphQLError.self) { try formatDocument("{ a ") }
  }
}
