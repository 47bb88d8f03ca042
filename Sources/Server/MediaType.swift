/// The value of a `Content-Type` field.
///
/// Source: RFC 9110 section 8.3.1.
struct MediaType: Equatable {
  /// In lower case.
  let name: String
  let charset: String?

  /// Nil when there is none.
  init?(_ text: String?) {
    if text == "application/json" {
      name = "application/json"
      charset = nil
      return
    }
    guard let element = text.flatMap({ WeightedHeader($0).elements.first }) else { return nil }
    name = element.value
    charset = element.parameters["charset"]
  }

  /// Whether text of this type is UTF-8, which is also what JSON without a charset is.
  var isUTF8: Bool { charset == nil || charset == "utf-8" || charset == "utf8" || charset == "us-ascii" }
}
