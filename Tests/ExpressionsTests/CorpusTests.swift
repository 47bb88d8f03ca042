import Expressions
import Testing

@Suite("Evaluating expressions")
struct CorpusTests {
  /// What the identifiers of the corpus stand for.
  static let context: Value = .object([
    .init(key: "form", value: "f1"),
    .init(
      key: "info",
      value: .object([
        .init(
          key: "case",
          value: .object([
            .init(
              key: "meta",
              value: .object([.init(key: "prio", value: 5), .init(key: "tags", value: ["a", "b"])])),
            .init(key: "workflow", value: "w"),
          ])),
        .init(key: "workItem", value: .null),
        .init(key: "n", value: 3),
      ])),
    .init(
      key: "list",
      value: [
        .object([.init(key: "n", value: 1), .init(key: "k", value: "x")]),
        .object([.init(key: "n", value: 2), .init(key: "k", value: "y")]),
        .object([.init(key: "n", value: 3), .init(key: "k", value: "x")]),
      ]),
    .init(key: "s", value: "hello"),
    .init(key: "z", value: 0),
    .init(key: "e", value: []),
    .init(key: "d", value: 1.5),
    .init(key: "t", value: true),
    .init(key: "o", value: .object([.init(key: "a", value: .object([.init(key: "b", value: [10, 20])]))])),
  ])

  static func outcome(_ text: String) -> String {
    do throws(ExpressionError) {
      var environment = ValueEnvironment(context)
      return try Expression(text).evaluate(in: &environment).json
    } catch {
      return "!\(error.code.rawValue)"
    }
  }

  @Test("every expression of the corpus gives its result or its error")
  func corpus() {
    #expect(Corpus.entries.count >= 300)
    for (expression, result) in Corpus.entries {
      #expect(Self.outcome(expression) == result, "\(expression)")
    }
  }
}
