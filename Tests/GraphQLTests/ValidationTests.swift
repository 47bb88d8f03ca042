import GraphQL
import Testing

@Suite("Validation")
struct ValidationTests {
  static let source = """
    interface Named { name: String }
    type Dog implements Named { name: String barks(loud: Boolean = false): Boolean age: Int owner: Human! }
    type Cat implements Named { name: String meows: Boolean age: String }
    type Human { name: String pets(first: Int!): [Pet!] }
    union Pet = Dog | Cat
    enum Color { RED GREEN }
    input Filter { color: Color name: String! = "x" limit: Int! }
    input Choice @oneOf { a: Int b: String }
    type Query { dog: Dog pet: Pet named: Named find(filter: Filter, ids: [ID!], choice: Choice, color: Color): [Pet] }
    type Subscription { a: Int b: Int }
    directive @once on FIELD
    """
  let schema: Schema

  init() throws { schema = try Schema.build(Self.source) }

  @Test(
    "a valid document has no errors",
    arguments: [
      "{ dog { name ...F } } fragment F on Dog { barks(loud: true) }",
      "query ($f: Filter, $c: Color = RED) { find(filter: $f, color: $c, ids: \"1\") { ... on Dog { a: age } ... "
        + "on Cat { a2: age } } }",
      "{ pet { ... on Dog { name } ... on Cat { name } } }",
      "{ find(filter: { limit: 3 }, choice: { a: 1 }) { __typename } }",
      "subscription { a }",
      "query A { dog { name name } } query B { __schema { queryType { name } } }",
      "query ($a: Boolean!) { dog { name @skip(if: $a) @include(if: true) } }",
      "query ($id: ID!) { find(ids: [$id]) { __typename } }",
    ])
  func acceptsValid(source: String) throws {
    #expect(try validate(schema, Parser.parse(source)).map(\.message) == [])
  }

  @Test(
    "each rule finds what it is for, in the reference's words",
    arguments: [
      ("type T { a: Int } { dog { name } }", "The \"T\" definition is not executable."),
      ("schema { query: Query } { dog { name } }", "The schema definition is not executable."),
      ("mutation { a }", "The mutation operation is not supported by the schema."),
      ("mutation M { a } query Q { dog { name } }", "The mutation operation is not supported by the schema."),
      ("query A { dog { name } } query A { dog { name } }", "There can be only one operation named \"A\"."),
      ("subscription A { a } query A { dog { name } }", "There can be only one operation named \"A\"."),
      ("{ dog { name } } query A { dog { name } }", "This anonymous operation must be the only defined operation."),
      ("query A { dog { name } } { dog { name } }", "This anonymous operation must be the only defined operation."),
      ("subscription { a b }", "Anonymous Subscription must select only one top level field."),
      (
        "subscription S { ...F } fragment F on Subscription { a b }",
        "Subscription \"S\" must select only one top level field."
      ),
      ("subscription { __typename }", "Anonymous Subscription must not select an introspection top level field."),
      (
        "subscription { a @skip(if: true) }",
        "Anonymous Subscription must not use `@skip` or `@include` directives in the top level selection."
      ),
      ("{ dog { nam } }", "Cannot query field \"nam\" on type \"Dog\". Did you mean \"name\"?"),
      (
        "{ pet { barks } }",
        "Cannot query field \"barks\" on type \"Pet\". Did you mean to use an inline fragment on \"Dog\"?"
      ),
      ("{ dog { name { x } } }", "Field \"name\" must not have a selection since type \"String\" has no subfields."),
      ("{ dog }", "Field \"dog\" of type \"Dog\" must have a selection of subfields. Did you mean \"dog { ... }\"?"),
      ("{ dog { barks(lod: true) } }", "Unknown argument \"lod\" on field \"Dog.barks\". Did you mean \"loud\"?"),
      (
        "{ dog { name @skip(if: true, iff: 1) } }",
        "Unknown argument \"iff\" on directive \"@skip\". Did you mean \"if\"?"
      ),
      ("{ dog { barks(loud: true, loud: false) } }", "There can be only one argument named \"loud\"."),
      ("{ dog { name @skip(if: true, if: true) } }", "There can be only one argument named \"if\"."),
      (
        "{ dog { owner { pets { __typename } } } }",
        "Argument \"Human.pets(first:)\" of type \"Int!\" is required, but it was not provided."
      ),
      ("{ dog { name @skip } }", "Argument \"@skip(if:)\" of type \"Boolean!\" is required, but it was not provided."),
      (
        "{ dog { ...F } } fragment F on Dog { name } fragment F on Dog { age }",
        "There can be only one fragment named \"F\"."
      ),
      ("{ ...F } fragment F on Doog { name }", "Unknown type \"Doog\". Did you mean \"Dog\"?"),
      ("query ($a: Nope) { find(ids: $a) { __typename } }", "Unknown type \"Nope\"."),
      ("{ dog { ... on Color { name } } }", "Fragment cannot condition on non composite type \"Color\"."),
      ("{ ...F } fragment F on Filter { name }", "Fragment \"F\" cannot condition on non composite type \"Filter\"."),
      ("{ dog { name } } fragment F on Dog { name }", "Fragment \"F\" is never used."),
      ("{ dog { name } } fragment F on Dog { ...F }", "Fragment \"F\" is never used."),
      ("{ dog { ...F } }", "Unknown fragment \"F\"."),
      ("{ dog { ... on Dog { ...G } } }", "Unknown fragment \"G\"."),
      ("{ dog { ...F } } fragment F on Dog { ...F }", "Cannot spread fragment \"F\" within itself."),
      (
        "{ dog { ...F } } fragment F on Dog { ...G } fragment G on Dog { ...F }",
        "Cannot spread fragment \"F\" within itself via \"G\"."
      ),
      (
        "{ dog { ... on Cat { meows } } }",
        "Fragment cannot be spread here as objects of type \"Dog\" can never be of type \"Cat\"."
      ),
      (
        "{ dog { ...F } } fragment F on Cat { meows }",
        "Fragment \"F\" cannot be spread here as objects of type \"Dog\" can never be of type \"Cat\"."
      ),
      ("{ find(ids: [true]) { __typename } }", "ID cannot represent a non-string and non-integer value: true"),
      (
        "{ find(color: \"RED\") { __typename } }",
        "Enum \"Color\" cannot represent non-enum value: \"RED\". Did you mean the enum value \"RED\" or \"GREEN\"?"
      ),
      (
        "{ find(color: RAD) { __typename } }",
        "Value \"RAD\" does not exist in \"Color\" enum. Did you mean the enum value \"RED\"?"
      ),
      (
        "{ find(filter: { name: \"a\" }) { __typename } }",
        "Expected value of type \"Filter\" to include required field \"limit\", found: { name: \"a\" }."
      ),
      (
        "{ find(filter: { limit: 1, colour: RED }) { __typename } }",
        "Expected value of type \"Filter\" not to include unknown field \"colour\". Did you mean \"color\"? "
          + "Found: { limit: 1, colour: RED }."
      ),
      (
        "{ find(choice: { a: 1, b: \"x\" }) { __typename } }",
        "Within OneOf Input Object type \"Choice\", exactly one field must be specified, and the value for that field must be non-null."
      ),
      ("{ find(filter: { limit: 1, limit: 2 }) { __typename } }", "There can be only one input field named \"limit\"."),
      (
        "{ find(filter: { limit: 1, name: \"\", name: \"\" }) { __typename } }",
        "There can be only one input field named \"name\"."
      ),
      ("{ dog { name @nope } }", "Unknown directive \"@nope\"."),
      ("query @once { dog { name } }", "Directive \"@once\" may not be used on QUERY."),
      ("{ dog { name @once @once } }", "The directive \"@once\" can only be used once at this location."),
      (
        "{ dog { ... @skip(if: true) @skip(if: true) { name } } }",
        "The directive \"@skip\" can only be used once at this location."
      ),
      ("query ($a: ID!, $a: ID!) { find(ids: [$a]) { __typename } }", "There can be only one variable named \"$a\"."),
      ("query ($a: Dog) { dog { barks(loud: $a) } }", "Variable \"$a\" cannot be non-input type \"Dog\"."),
      ("query ($a: [Pet!]) { find(ids: $a) { __typename } }", "Variable \"$a\" cannot be non-input type \"[Pet!]\"."),
      ("{ find(ids: $a) { __typename } }", "Variable \"$a\" is not defined."),
      (
        "query Q { dog { ...F } } fragment F on Dog { barks(loud: $a) }",
        "Variable \"$a\" is not defined by operation \"Q\"."
      ),
      ("query ($a: Int) { dog { name } }", "Variable \"$a\" is never used."),
      ("query Q($a: Int) { dog { name } }", "Variable \"$a\" is never used in operation \"Q\"."),
      (
        "query ($a: Int) { dog { barks(loud: $a) } }",
        "Variable \"$a\" of type \"Int\" used in position expecting type \"Boolean\"."
      ),
      (
        "query ($a: Int) { dog { owner { pets(first: $a) { __typename } } } }",
        "Variable \"$a\" of type \"Int\" used in position expecting type \"Int!\"."
      ),
      (
        "query ($a: Int) { find(choice: { a: $a }) { __typename } }",
        "Variable \"$a\" is of type \"Int\" but must be non-nullable to be used for OneOf Input Object \"Choice\"."
      ),
      (
        "{ dog { x: name x: age } }",
        "Fields \"x\" conflict because \"name\" and \"age\" are different fields. "
          + "Use different aliases on the fields to fetch both if this was intentional."
      ),
      (
        "{ pet { ... on Dog { age } ... on Cat { age } } }",
        "Fields \"age\" conflict because they return conflicting types \"Int\" and \"String\". "
          + "Use different aliases on the fields to fetch both if this was intentional."
      ),
      (
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        "Maximum introspection depth exceeded"
      ),
    ])
  func findsError(source: String, message: String) throws {
    let messages = try validate(schema, Parser.parse(source)).map(\.message)
    #expect(messages.contains(message), "found \(messages)")
  }

  @Test("a conflict within inline fragments is reported once")
  func reportsConflictOnce() throws {
    let errors = try validate(schema, Parser.parse("{ dog { ... { ... on Dog { x: name x: age } } } }"))
    #expect(errors.count == 1)
  }

  @Test("of types that have a field, interfaces are suggested before what implements them, and else by name")
  func suggestsTypes() throws {
    let schema = try Schema.build(
      """
      interface Vehicle { wheels: Int }
      interface Boat implements Vehicle { wheels: Int }
      interface Wagon implements Vehicle { wheels: Int }
      type Amphibian implements Vehicle & Wagon { wheels: Int }
      type Canoe implements Vehicle & Boat { wheels: Int }
      union Any = Amphibian | Canoe
      type Query { any: Any }
      """)
    let message = try validate(schema, Parser.parse("{ any { wheels } }")).first?.message
    #expect(
      message == "Cannot query field \"wheels\" on type \"Any\". Did you mean to use an inline fragment on \"Vehicle\", "
        + "\"Boat\", \"Canoe\", \"Wagon\", or \"Amphibian\"?")
  }

  @Test("suggestions can be turned off without turning a rule off")
  func hidesSuggestions() throws {
    let errors = try validate(schema, Parser.parse("{ dog { nam } }"), suggestions: false)
    #expect(errors.map(\.message) == ["Cannot query field \"nam\" on type \"Dog\"."])
  }

  @Test("validation stops at its cap on errors and says so")
  func capsErrors() throws {
    let source = "{ " + (0..<500).map { "unknown\($0)" }.joined(separator: " ") + " }"
    let errors = try validate(schema, Parser.parse(source))
    #expect(errors.count == 101)
    #expect(errors.last?.message == "Too many validation errors, error limit reached. Validation aborted.")
  }
}
