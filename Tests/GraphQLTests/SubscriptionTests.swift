import Testing

@testable import GraphQL

@Suite("Subscriptions")
struct SubscriptionTests {
  private static let sdl = """
    type Query { a: Int }
    type Subscription { ticks(from: Int = 1, fail: Boolean): Tick, number: Int! }
    type Tick { count: Int!, half: Int!, again: Tick }
    """

  private final class Numbers: RowBatch {
    let number: Int
    let slots: [Int]

    init(_ number: Int, _ request: StepRequest) {
      self.number = number
      slots = request.properties.map(\.index)
      super.init(rowCount: 1, starts: [0], ends: [1])
    }

    override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
      if slots[slot] == 0 {
        output.append(Int64(number))
      } else if number % 2 == 0 {
        output.append(Int64(number / 2))
      } else {
        return .null
      }
      return .written
    }
  }

  private final class Event: SourceEvent {
    let number: Int
    init(_ number: Int) { self.number = number }
    override func begin(_ request: StepRequest) -> StepResult { .ready(Numbers(number, request)) }
  }

  /// Doubles the number of the event, which it knows through the request.
  private final class Again: StepSource, @unchecked Sendable {  // immutable after initialisation
    init() { super.init(name: "again", shape: .one, isSynchronous: true) }
    override func begin(_ request: StepRequest) -> StepResult {
      .ready(Numbers((request.event as? Event).map { $0.number * 2 } ?? 0, request))
    }
  }

  /// Counts what it was asked for.
  private final class Counter: SourceEventStream {
    var next: Int
    let last: Int
    var asked = 0
    var isCancelled = false

    init(from: Int, last: Int) {
      next = from
      self.last = last
    }

    func next() async throws(GraphQLError) -> SourceEvent? {
      asked += 1
      guard !isCancelled, next <= last else { return nil }
      if next == 13 { throw GraphQLError("The stream broke.") }
      next += 1
      return Event(next - 1)
    }

    func cancel() { isCancelled = true }
  }

  private final class Ticks: StreamSource, @unchecked Sendable {  // used by one test's task
    var opened: Counter?

    init() { super.init(name: "ticks", shape: .one) }

    override func events(_ request: StreamRequest) async throws(GraphQLError) -> any SourceEventStream {
      if request.arguments["fail"]?.boolean == true { throw GraphQLError("Nothing ticks.", code: "NO") }
      guard case .int(let from)? = request.arguments["from"] ?? .int(1) else { throw GraphQLError("No number.") }
      let counter = Counter(from: Int(from), last: Int(from) + 1)
      opened = counter
      return counter
    }
  }

  private func open(
    _ source: String, _ variables: String = "{}", _ ticks: Ticks = Ticks()
  ) async throws -> ResponseStream {
    let schema = try Schema.build(Self.sdl)
    let document = try Parser.parse(source)
    let errors = validate(schema, document)
    try #require(errors.isEmpty, "\(errors)")
    let binding = try SchemaBinding(
      schema: schema,
      resolvers: [
        "Query.a": .value(Again()), "Subscription.ticks": .stream(ticks), "Subscription.number": .stream(ticks),
        "Tick.count": .property(PropertyID(0)), "Tick.half": .property(PropertyID(1)), "Tick.again": .step(Again()),
      ])
    let plan = try PlanCompiler.compile(document, operation: try document.operation(named: nil), binding: binding)
    let given = try JSONDocument(variables).root.value.object ?? ValueObject()
    return try await ResponseStream(plan: plan, variables: try plan.coerceVariables(given)) { ExecutionContext() }
  }

  private func text(_ response: ContiguousArray<UInt8>) -> String { String(decoding: response, as: UTF8.self) }

  @Test("each event is answered by the whole selection, with what its arguments ask for")
  func responses() async throws {
    let stream = try await open(
      "subscription($n: Int) { t: ticks(from: $n) { ...F again { count } } } fragment F on Tick { count }", #"{"n": 5}"#
    )
    var responses: [String] = []
    for try await response in stream { responses.append(text(response)) }
    #expect(
      responses == [
        #"{"data":{"t":{"count":5,"again":{"count":10}}}}"#, #"{"data":{"t":{"count":6,"again":{"count":12}}}}"#,
      ])
  }

  @Test("a root field that is a leaf is written from the event")
  func leaf() async throws {
    let stream = try await open("subscription { number }")
    let first = try await stream.next()
    #expect(first.map(text) == #"{"data":{"number":1}}"#)
  }

  @Test("an error while one event is answered stays in its response, and the stream goes on")
  func eventError() async throws {
    let stream = try await open("subscription { ticks { half } }")
    let first = try await stream.next()
    let second = try await stream.next()
    #expect(first.map(text)?.hasPrefix(#"{"data":{"ticks":null},"errors":[{"message":"Cannot return null"#) == true)
    #expect(second.map(text) == #"{"data":{"ticks":{"half":1}}}"#)
  }

  @Test("what keeps the stream from opening is an error of the request, at the root field")
  func openingError() async throws {
    let error = await #expect(throws: GraphQLError.self) {
      _ = try await open("subscription { t: ticks(fail: true) { count } }")
    }
    #expect(
      error
        == GraphQLError(
          "Nothing ticks.", locations: [SourceLocation(line: 1, column: 16)], path: [.key("t")], code: "NO"))
  }

  @Test("what breaks the stream is thrown, and the stream has ended")
  func brokenStream() async throws {
    let ticks = Ticks()
    let stream = try await open("subscription { ticks(from: 13) { count } }", "{}", ticks)
    let error = await #expect(throws: GraphQLError.self) { _ = try await stream.next() }
    let after = try await stream.next()
    #expect(error?.message == "The stream broke.")
    #expect(after == nil)
    #expect(ticks.opened?.isCancelled == true)
  }

  @Test("the source is asked for an event only when a response is")
  func backPressure() async throws {
    let ticks = Ticks()
    let stream = try await open("subscription { ticks { count } }", "{}", ticks)
    #expect(ticks.opened?.asked == 0)
    _ = try await stream.next()
    #expect(ticks.opened?.asked == 1)
  }

  @Test("cancelling ends both streams, and so does letting go of the responses")
  func cancelling() async throws {
    let ticks = Ticks()
    var stream: ResponseStream? = try await open("subscription { ticks { count } }", "{}", ticks)
    stream?.cancel()
    stream?.cancel()
    let none = try await stream?.next()
    #expect(none == nil)
    #expect(ticks.opened?.isCancelled == true)
    stream = try await open("subscription { ticks { count } }", "{}", ticks)
    #expect(ticks.opened?.isCancelled == false)
    stream = nil
    #expect(ticks.opened?.isCancelled == true)
  }

  @Test("a query is not a subscription")
  func query() async throws {
    let error = await #expect(throws: GraphQLError.self) { _ = try await open("{ a }") }
    #expect(error?.message == "The operation is not a subscription.")
  }

  @Test("root fields of subscriptions, and only they, are bound to streams")
  func binding() throws {
    let schema = try Schema.build("type Query { a: Int } type Subscription { b: Int }")
    let errors = #expect(throws: SchemaErrors.self) {
      try SchemaBinding(
        schema: schema, resolvers: ["Query.a": .stream(Ticks()), "Subscription.b": .property(PropertyID(0))])
    }
    #expect(
      errors?.errors.map(\.message) == [
        "The field Query.a is bound to a stream, which only a root field of subscriptions can be.",
        "The field Subscription.b is a root field of subscriptions and must be bound to a stream.",
      ])
  }
}
