/// How names, labels and numbers are written.
enum MetricText {
  /// The name with every character that Prometheus does not take replaced.
  static func name(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_" || scalar == ":"
      let isDigit = ("0"..."9").contains(scalar) && !result.isEmpty
      result.unicodeScalars.append(isLetter || isDigit ? scalar : "_")
    }
    return result
  }

  /// `event="post_create_case",module="approvals"`; empty without labels.
  static func labels(_ dimensions: [(String, String)]) -> String {
    dimensions.map { "\(name($0.0))=\"\(value($0.1))\"" }.joined(separator: ",")
  }

  private static func value(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  static func help(_ text: String) -> String {
    text.split(separator: "\n").joined(separator: " ")
  }

  static func number(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number > 0 ? "+Inf" : "-Inf" }
    if number == number.rounded(), abs(number) < 1e15 { return "\(Int64(number))" }
    return "\(number)"
  }

  /// A line of the text.
  static func line(_ name: String, _ labels: String, _ value: String) -> String {
    labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
  }
}
