/// The language that a caller gets.
enum Languages {
  /// The first of `Accept-Language` that the server has, by quality; else the default, which is the first the
  /// server has. `de-CH` finds `de`.
  ///
  /// Source: RFC 9110 section 12.5.4.
  static func choose(_ header: String?, among languages: [String]) -> String {
    let fallback = languages.first ?? "en"
    guard let header else { return fallback }
    var best: (language: String, quality: Double)?
    for part in header.split(separator: ",").prefix(32) {
      let pieces = part.split(separator: ";")
      guard let tag = pieces.first?.filter({ $0 != " " }).lowercased() else { continue }
      var quality = 1.0
      for piece in pieces.dropFirst() {
        let text = piece.filter { $0 != " " }
        if text.hasPrefix("q="), let value = Double(text.dropFirst(2)) { quality = value }
      }
      let found = languages.first { $0.lowercased() == tag }
        ?? languages.first { $0.lowercased() == tag.prefix { $0 != "-" } }
      guard let found, quality > 0, quality > (best?.quality ?? 0) else { continue }
      best = (found, quality)
    }
    return best?.language ?? fallback
  }
}
