import HTTPServer

/// A header field whose values have weights: `Accept`, `Accept-Encoding`.
///
/// Source: RFC 9110 sections 12.4.2, 12.5.1 and 12.5.3. What is not well-formed is passed over.
struct WeightedHeader {
  struct Element: Equatable {
    /// In lower case.
    let value: String
    /// In lower case, without `q`.
    let parameters: [String: String]
    /// In thousandths.
    let weight: Int
  }

  let elements: [Element]

  /// A client that sends more elements than these has no use for the others.
  private static let maximum = 32

  init(_ text: String) {
    elements = text.split(separator: ",").prefix(Self.maximum).compactMap { Self.element($0) }
  }

  private static func element(_ text: Substring) -> Element? {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false).map { $0.trimmed.lowercased() }
    guard let value = parts.first, !value.isEmpty else { return nil }
    var parameters: [String: String] = [:]
    var weight = 1_000
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else { continue }
      let (name, content) = (pair[0].trimmed, pair[1].trimmed.filter { $0 != "\"" })
      if name == "q" {
        guard let quality = Double(content), (0...1).contains(quality) else { return nil }
        weight = Int((quality * 1_000).rounded())
      } else {
        parameters[String(name)] = content
      }
    }
    return Element(value: value, parameters: parameters, weight: weight)
  }
}
