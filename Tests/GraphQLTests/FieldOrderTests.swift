import GraphQL
import Testing

/// Where one field is asked for at several places, each with a condition, the first that counts is where it comes.
@Suite("The order of fields")
struct FieldOrderTests {
  /// Tells how often it has been asked for a value.
  private final class Turnstile: StepSource, @unchecked Sendable {  // used by the one thread of its test
    private final class Batch: RowBatch {
      let turn: Int

      init(_ turn: Int, parents: Int) {
        self.turn = turn
        super.init(rowCount: 1, starts: .init(repeating: 0, count: parents), ends: .init(repeating: 1, count: parents))
      }

      override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
        output.append(Int64(turn))
        return .written
      }
    }

    private var turns = 0

    init() { super.init(name: "turnstile", shape: .one, isSynchronous: true) }

    override func begin(_ request: StepRequest) -> StepResult {
      turns += 1
      return .ready(Batch(turns, parents: request.parentCount))
    }
  }

  /// Answers synchronously and not, which has to be the same.
  private func run(_ source: String, _ variables: String = "{}") async throws -> String {
    let schema = try Schema.build(
      "type Query { a: Int b: Int c: Int inner: Query nothing: Int! } type Mutation { a: Int b: Int c: Int }")
    let document = try Parser.parse(source)
    let errors = validate(schema, document)
    try #require(errors.isEmpty, "\(errors)")
    var answers: [String] = []
    for isSynchronous in [true, false] {
      let turnstile = Turnstile()
      let binding = try SchemaBinding(
        schema: schema,
        resolvers: [
          "Query.a": .value(turnstile), "Query.b": .value(turnstile), "Query.c": .value(turnstile),
          "Query.inner": .step(turnstile),
          "Query.nothing": .value(StepSource(name: "nothing", shape: .one, isSynchronous: true)),
          "Mutation.a": .value(turnstile), "Mutation.b": .value(turnstile), "Mutation.c": .value(turnstile),
        ])
      let plan = try PlanCompiler.compile(document, operation: try document.operation(named: nil), binding: binding)
      let given = try JSONDocument(variables).root.value.object ?? ValueObject()
      var execution = Execution(
        plan: plan, variables: try plan.coerceVariables(given), context: ExecutionContext())
      let output = OutputBuffer()
      if isSynchronous { execution.runSynchronously(into: output) } else { await execution.run(into: output) }
      answers.append(output.string)
    }
    #expect(answers[0] == answers[1])
    return answers[0]
  }

  private func keys(_ answer: String) throws -> [String] {
    let data = try JSONDocument(answer).root.value["data"]
    return (data?.object?.fields ?? []).flatMap { field in
      [field.name] + (field.value.object?.fields.map { "\(field.name).\($0.name)" } ?? [])
    }
  }

  @Test("a field comes at the first of its places that counts")
  func order() async throws {
    let query = "query($f: Boolean!, $g: Boolean!) { a @include(if: $f) b a @include(if: $g) c a }"
    let both = try await run(query, #"{"f": true, "g": true}"#)
    let first = try await run(query, #"{"f": true, "g": false}"#)
    let second = try await run(query, #"{"f": false, "g": true}"#)
    let neither = try await run(query, #"{"f": false, "g": false}"#)
    #expect(try keys(both) == ["a", "b", "c"])
    #expect(try keys(first) == ["a", "b", "c"])
    #expect(try keys(second) == ["b", "a", "c"])
    #expect(try keys(neither) == ["b", "c", "a"])
  }

  @Test("so it does within objects, and through fragments")
  func nested() async throws {
    let query = """
      query($f: Boolean!) { ...F @include(if: $f) b inner { c ...G } }
      fragment F on Query { inner { a } } fragment G on Query { b a }
      """
    let with = try await run(query, #"{"f": true}"#)
    let without = try await run(query, #"{"f": false}"#)
    #expect(try keys(with) == ["inner", "inner.a", "inner.c", "inner.b", "b"])
    #expect(try keys(without) == ["b", "inner", "inner.c", "inner.b", "inner.a"])
  }

  @Test("fields of a mutation run in the order in which they come")
  func mutations() async throws {
    let mutation = "mutation($f: Boolean!) { a @include(if: $f) b a c @skip(if: $f) }"
    let with = try await run(mutation, #"{"f": true}"#)
    let without = try await run(mutation, #"{"f": false}"#)
    #expect(with == #"{"data":{"a":1,"b":2}}"#)
    #expect(without == #"{"data":{"b":1,"a":2,"c":3}}"#)
  }

  @Test("an error is located at the place that counts")
  func location() async throws {
    let query = "query($f: Boolean!) { nothing @include(if: $f) nothing }"
    let with = try await run(query, #"{"f": true}"#)
    let without = try await run(query, #"{"f": false}"#)
    #expect(with.contains(#""column":23"#))
    #expect(without.contains(#""column":48"#))
  }
}
