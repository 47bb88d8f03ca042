extension [String: String] {
  /// Of texts by language the one to show: in `language`, else the one for all languages (under ""), else in
  /// `fallback`.
  package func text(in language: String, fallback: String) -> String? {
    self[language] ?? self[""] ?? self[fallback]
  }
}
