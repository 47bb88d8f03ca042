import GraphQL
import Testing

/// Documents that break one rule in several places, or one place in several ways: each error is there, and once.
@Suite("Errors of one kind in several places")
struct RepeatedErrorTests {
  private static let sdl = """
    directive @stream(label: String, if: Boolean! = true, initialCount: Int) repeatable on FIELD
    type Query { list: [Int] one: Int other: Int }
    """

  private func errors(_ source: String) throws -> [GraphQLError] {
    validate(try Schema.build(Self.sdl), try Parser.parse(source))
  }

  @Test("an introspection within one that nests too deep is not reported as well")
  func deepIntrospection() throws {
    let deep = "fields { type { fields { type { fields { name } } } } }"
    let nested = try errors("{ __schema { types { __schema { types { \(deep) } } } } }")
    #expect(nested.filter { $0.message == "Maximum introspection depth exceeded" }.count == 1)
    let beside = try errors("{ __schema { types { \(deep) } } again: __schema { types { \(deep) } } }")
    #expect(beside.filter { $0.message == "Maximum introspection depth exceeded" }.count == 2)
  }

  @Test("each @stream on a field that is no list is reported")
  func streams() throws {
    let errors = try errors("{ one @stream(label: \"a\") @stream(label: \"b\") list @stream(label: \"c\") }")
    #expect(errors.map(\.message) == Array(
      repeating: "Stream directive cannot be used on non-list field \"one\" on type \"Query\".", count: 2))
    #expect(errors.map { $0.locations.first?.column } == [7, 27])
  }

  @Test("conflicts are found in every fragment, also in those that another one of the same name hides")
  func hiddenFragment() throws {
    let source = "{ ...F } fragment F on Query { a: one a: other } fragment F on Query { one }"
    let messages = try errors(source).map(\.message)
    let conflict = "Fields \"a\" conflict because \"one\" and \"other\" are different fields."
    #expect(messages.contains { $0.hasPrefix(conflict) })
  }

  @Test("an argument that a directive defines twice is missed once")
  func missingArgument() throws {
    let document = try Parser.parse("directive @d(a: Int!, a: Int!) on OBJECT type Query @d { a: Int }")
    #expect(validateSDL(document).filter { $0.message.contains("is required") }.count == 1)
  }
}
