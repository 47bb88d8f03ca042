import API
import HTTPServer

/// The value of the `Idempotency-Key` field: a string of structured fields, `"8e03978e"`, or the bare text that many
/// clients send.
///
/// Source: draft-ietf-httpapi-idempotency-key-header section 2.1; RFC 9651 section 4.2.5.
enum IdempotencyKeyHeader {
  /// The key of a request; nil without one.
  static func read(_ request: HTTPRequest) throws(Rejection) -> String? {
    guard let text = request.header("idempotency-key") else { return nil }
    guard request.count(of: "idempotency-key") == 1, let key = key(text) else {
      throw Rejection(400, "BAD_REQUEST", GraphQLRequest.idempotencyKeyRule)
    }
    return key
  }

  static func key(_ text: String) -> String? {
    guard text.hasPrefix("\"") else { return GraphQLRequest.isIdempotencyKey(text) ? text : nil }
    var key = ""
    var rest = text.dropFirst()
    while let character = rest.popFirst() {
      switch character {
      case "\"": return rest.isEmpty && GraphQLRequest.isIdempotencyKey(key) ? key : nil
      case "\\":
        guard let escaped = rest.popFirst(), escaped == "\"" || escaped == "\\" else { return nil }
        key.append(escaped)
      default: key.append(character)
      }
    }
    return nil
  }

  /// Gives the key to what the request brings; each request of a batch has one of its own.
  ///
  /// - Throws: when a request has another key in its extensions.
  static func apply(_ key: String, to content: GraphQLOverHTTP.Content) throws(Rejection) {
    switch content {
    case .one(let read):
      guard read.idempotencyKey == nil || read.idempotencyKey == key else {
        throw Rejection(
          400, "BAD_REQUEST", "The Idempotency-Key field and extensions.idempotencyKey are not the same.")
      }
      read.idempotencyKey = key
    case .batch(let reads):
      for case (let number, .success(let read)) in reads.enumerated() where read.idempotencyKey == nil {
        read.idempotencyKey = "\(key)#\(number)"
      }
    }
  }
}
