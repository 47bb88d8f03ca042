import GraphQL

/// Tells whether a recorded case has the outcome that it expects, as the cases' description says.
enum CaseJudge {
  /// What is told apart.
  struct Verdict {
    /// As expected.
    var passes = false
    /// The errors are as expected, wherever they are.
    var hasMessages = false
  }

  static func judge(_ expected: Value, _ actual: Value?) -> Verdict {
    guard let actual else { return Verdict() }
    if let isValid = expected["ok"] {
      guard isValid == actual["ok"] else { return Verdict() }
      guard isValid == .boolean(false) else {
        let isSame = expected["printed"] == actual["printed"]
        return Verdict(passes: isSame, hasMessages: isSame)
      }
      return judge(errors: [expected["error"] ?? .null], [actual["error"] ?? .null])
    }
    if case .list(let errors)? = expected["errors"] { return judge(errors: errors, list(actual["errors"])) }
    if let result = expected["result"] {
      var verdict = judge(errors: list(result["errors"]), list(actual["result"]?["errors"]))
      let arguments = expected["args"] ?? .object(ValueObject())
      verdict.passes =
        verdict.passes && isSame(result["data"] ?? .null, actual["result"]?["data"] ?? .null)
        && isSame(arguments, actual["args"] ?? .object(ValueObject()))
      return verdict
    }
    if case .list(let changes)? = expected["changes"] {
      let kinds = { (changes: [Value]) in changes.map { list($0).first?.json ?? "" }.sorted() }
      let isSame = kinds(changes) == kinds(list(actual["changes"]))
      return Verdict(passes: isSame, hasMessages: isSame)
    }
    let isSame = isSame(expected, actual)
    return Verdict(passes: isSame, hasMessages: isSame)
  }

  private static func list(_ value: Value?) -> [Value] {
    if case .list(let items)? = value { items } else { [] }
  }

  private static func judge(errors expected: [Value], _ actual: [Value]) -> Verdict {
    Verdict(
      passes: expected.map(signature).sorted() == actual.map(signature).sorted(),
      hasMessages: expected.map(message).sorted() == actual.map(message).sorted())
  }

  /// Where an error is: its places in any order, and its path.
  private static func signature(_ error: Value) -> String {
    let places = list(error["locations"]).map { "\($0["line"]?.json ?? ""):\($0["column"]?.json ?? "")" }.sorted()
    return "\(places) \(error["path"]?.json ?? "")"
  }

  /// Quotes are told apart by no one: the reference's two languages write different ones.
  private static func message(_ error: Value) -> String {
    guard case .string(let text)? = error["message"] else { return "" }
    return String(text.map { $0 == "\"" ? "'" : $0 })
  }

  /// Equality of JSON: the order of keys does not count, and 1 is 1.0.
  private static func isSame(_ one: Value, _ other: Value) -> Bool {
    switch (one, other) {
    case (.object(let one), .object(let other)):
      one.fields.count == other.fields.count
        && one.fields.allSatisfy { field in other[field.name].map { isSame(field.value, $0) } ?? false }
    case (.list(let one), .list(let other)):
      one.count == other.count && zip(one, other).allSatisfy { isSame($0, $1) }
    case (.int(let one), .float(let other)), (.float(let other), .int(let one)): Double(one) == other
    default: one == other
    }
  }
}
