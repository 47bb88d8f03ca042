/// Origins of pages, in the form in which browsers send them in `Origin`.
///
/// Source: RFC 6454 section 6.2; Fetch standard, "Origin header".
enum WebOrigins {
  /// What a setting takes.
  static let expected = "origins such as https://app.example with commas, or *"

  /// Nil when one of them is none: it would never be met.
  static func parse(_ text: String) -> [String]? {
    var origins: [String] = []
    for part in text.split(separator: ",") {
      guard let origin = origin(part.filter { $0 != " " }.lowercased()) else { return nil }
      origins.append(origin)
    }
    return origins
  }

  /// `null` is the origin of pages that have none, such as files.
  private static func origin(_ text: String) -> String? {
    if text == "*" || text == "null" { return text }
    guard let separator = text.firstRange(of: "://") else { return nil }
    let (scheme, authority) = (text[..<separator.lowerBound], text[separator.upperBound...])
    guard scheme.first?.isLetter == true, isMade(scheme, of: "+.-"), !authority.isEmpty, isMade(authority, of: "-._~:[]")
    else { return nil }
    // A browser leaves out the port that the scheme has anyway.
    let usual = ["http": ":80", "https": ":443"][String(scheme)]
    guard let usual, authority.hasSuffix(usual) else { return text }
    return String(text.dropLast(usual.count))
  }

  /// Letters, digits, and what else is allowed.
  private static func isMade(_ text: Substring, of others: String) -> Bool {
    text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || others.contains($0)) }
  }
}
