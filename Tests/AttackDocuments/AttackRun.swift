import Glibc
import GraphQL

/// The whole way that a server goes with a hostile document: parse, validate, measure, plan.
public struct AttackRun {
  /// The errors with which the document is refused; none if it was planned.
  public let errors: [GraphQLError]
  /// Milliseconds that the thread's processor took, so that other work on the machine does not count.
  public let milliseconds: Double

  /// Nil when the schema for it cannot be built.
  public init?(_ attack: Attack) {
    guard let binding = Self.binding else { return nil }
    let source = ContiguousArray(attack.document.utf8)
    let start = Self.processorTime()
    errors = Self.serve(source, binding)
    milliseconds = Self.processorTime() - start
  }

  private static let sdl = """
    directive @on(a: Int) repeatable on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT | QUERY
    type Query { hello(a: Int, b: [Int], c: Input, d: Color, e: Text): String, node: Node, dog: Dog, pets: [Pet!]! }
    type Subscription { hello: String }
    interface Node { id: ID!, node: Node, dog: Dog, n: Int, s(a: Int): String }
    type Dog implements Node { id: ID!, node: Node, dog: Dog, n: Int, s(a: Int): String, x: Int }
    type Cat implements Node { id: ID!, node: Node, dog: Dog, n: Int, s(a: Int): String, x: String }
    union Pet = Dog | Cat
    input Input { a: Int, b: Input, c: [Input], d: Color }
    enum Color { RED, GREEN, BLUE }
    scalar Text
    """

  private static let binding: SchemaBinding? = {
    guard let schema = try? Schema.build(sdl) else { return nil }
    let step = FieldResolver.step(StepSource(name: "attack", shape: .one, isSynchronous: true))
    let list = FieldResolver.step(StepSource(name: "attack", shape: .list, isSynchronous: true))
    let leaf = FieldResolver.property(PropertyID(0))
    var resolvers: [String: FieldResolver] = [
      "Query.hello": .value(StepSource(name: "hello", shape: .one, isSynchronous: true)), "Query.node": step,
      "Query.dog": step, "Query.pets": list, "Subscription.hello": .stream(StreamSource(name: "hello", shape: .one)),
    ]
    for type in ["Dog", "Cat"] {
      for field in ["id", "n", "s", "x"] { resolvers["\(type).\(field)"] = leaf }
      for field in ["node", "dog"] { resolvers["\(type).\(field)"] = step }
    }
    return try? SchemaBinding(schema: schema, resolvers: resolvers)
  }()

  /// The errors with which the document is refused; none if it was planned.
  private static func serve(_ source: ContiguousArray<UInt8>, _ binding: SchemaBinding) -> [GraphQLError] {
    do throws(GraphQLError) {
      let document = try Parser.parse(source)
      let errors = validate(binding.schema, document)
      guard errors.isEmpty else { return errors }
      try checkSize(of: document)
      _ = try PlanCompiler.compile(document, operation: document.operation(named: nil), binding: binding)
      return []
    } catch {
      return [error]
    }
  }

  /// Milliseconds of processor time that this thread has used.
  private static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1_000_000
  }
}
