import GraphQL
import Testing

/// The messages of everything that is wrong with a schema text.
func schemaErrors(_ source: String) -> [String] {
  do throws(SchemaErrors) {
    _ = try Schema.build(source)
    return []
  } catch {
    return error.errors.map(\.message)
  }
}

@Suite("Schemas")
struct SchemaTests {
  @Test(
    "a schema document that breaks a rule is refused",
    arguments: [
      ("type A { a: Int }", "Query root type must be provided."),
      ("type Query { a: Int } type Query { b: Int }", "There can be only one type named \"Query\"."),
      ("type Query { a: Int a: Int }", "Field \"Query.a\" can only be defined once."),
      ("type Query { a(b: Int, b: Int): Int }", "Argument \"Query.a(b:)\" can only be defined once."),
      ("enum E { A A } type Query { e: E }", "Enum value \"E.A\" can only be defined once."),
      (
        "schema { query: Query } schema { query: Query } type Query { a: Int }",
        "Must provide only one schema definition."
      ),
      ("schema { query: A query: A } type A { a: Int }", "There can be only one query type in schema."),
      (
        "directive @d on FIELD directive @d on FIELD type Query { a: Int }",
        "There can be only one directive named \"@d\"."
      ),
      ("type Query { a: Nope }", "Unknown type \"Nope\"."),
      ("extend type Nope { a: Int } type Query { a: Int }", "Cannot extend type \"Nope\" because it is not defined."),
      ("scalar S extend type S { a: Int } type Query { a: S }", "Cannot extend non-object type \"S\"."),
      ("type Query { a: Int @nope }", "Unknown directive \"@nope\"."),
      ("type Query { a: Int @skip(if: true) }", "Directive \"@skip\" may not be used on FIELD_DEFINITION."),
      ("type Query { a(b: Query): Int }", "The type of Query.a(b:) must be Input Type but got: Query."),
      (
        "input I { a: I! } type Query { a(i: I): Int }",
        "Input Object I cannot be provided a finite value because it references itself through fields: I.a."
      ),
      (
        "input I { a: I = {} } type Query { a(i: I): Int }",
        "Invalid circular reference. The default value of Input Object field I.a references itself."
      ),
      (
        "interface I { a: Int } type Query implements I { b: Int }",
        "Interface field I.a expected but Query does not provide it."
      ),
      (
        "interface I { a: Int } type Query implements I { a: String }",
        "Interface field I.a expects type Int but Query.a is type String."
      ),
      ("union U = Int type Query { u: U }", "Union type U can only include Object types, it cannot include Int."),
      (
        "type Query { __a: Int }",
        "Name \"__a\" must not begin with \"__\", which is reserved by GraphQL introspection."
      ),
      (
        "type Query { a(b: Int = \"x\"): Int }",
        "Query.a(b:) has invalid default value: Int cannot represent non-integer value: \"x\""
      ),
      ("type Query { a(b: Int! @deprecated): Int }", "Required argument Query.a(b:) cannot be deprecated."),
      ("input I @oneOf { a: Int! } type Query { a(i: I): Int }", "OneOf input field I.a must be nullable."),
    ])
  func refusesSchema(source: String, message: String) {
    #expect(schemaErrors(source).contains(message), "found \(schemaErrors(source))")
  }

  static let source = """
    "All of it"
    schema {
      query: Root
    }

    directive @d(a: [Int!] = [1, 2]) repeatable on FIELD | OBJECT

    interface Node {
      id: ID!
    }

    type Root implements Node {
      id: ID!

      "A field"
      f(a: In = { x: 1 }, e: E = A): U @deprecated(reason: "old")
    }

    union U = Root

    enum E {
      A
      B @deprecated
    }

    input In {
      x: Int
    }

    scalar Time @specifiedBy(url: "https://example.org/time")
    """

  @Test("a schema prints as it was written and survives introspection")
  func roundTrips() throws {
    let schema = try Schema.build(Self.source)
    let printed = SchemaPrinter.print(schema)
    #expect(try SchemaPrinter.print(Schema.build(printed)) == printed)
    let buffer = OutputBuffer()
    buffer.append(introspectionFromSchema(schema))
    let introspection = try JSONDocument(buffer.string).root.value
    let rebuilt = try schemaFromIntrospection(introspection)
    #expect(SchemaPrinter.printSorted(rebuilt) == SchemaPrinter.printSorted(schema))
    #expect(findSchemaChanges(schema, rebuilt).isEmpty)
  }

  @Test("changes are classed by what they do to clients")
  func classesChanges() throws {
    let old = try Schema.build("type Query { a: Int b(x: Int): Int } enum E { A }")
    let new = try Schema.build("type Query { a: Int! b(x: Int!): Int } enum E { A B }")
    #expect(
      findSchemaChanges(old, new).map { "\($0.severity) \($0.kind)" } == [
        "safe FIELD_CHANGED_KIND_SAFE", "breaking ARG_CHANGED_KIND", "dangerous VALUE_ADDED_TO_ENUM",
      ])
  }
}
