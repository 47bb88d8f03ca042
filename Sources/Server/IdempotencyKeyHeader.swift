import API
import HTTPServer

/// The value of the `Idempotency-Key` field: a string of structured fields, `"8e03978e"`, or the bare text that many
/// clients send.
///
/// Source: draft-ietf-httpapi-idempotency-key-header section 2.1; RFC 9651 section 4.2.5.
enum IdempotencyKeyHeader {
  /// The key of a request; nil without one.
  static func read(_ request: HTTPRequest) -> Result<String?, Rejection> {
    guard let text = request.header("idempotency-key") else { return .success(nil) }
    guard request.count(of: "idempotency-key") == 1, let key = key(text) else {
      return .failure(Rejection(400, "BAD_REQUEST", GraphQLRequest.idempotencyKeyRule))
    }
    return .success(key)
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

  /// Reads what a request brings, and marks it with the request's key.
  static func mark(
    _ request: HTTPRequest, _ read: () -> Result<GraphQLOverHTTP.Content, Rejection>
  ) -> Result<GraphQLOverHTTP.Content, Rejection> {
    self.read(request).flatMap { key in
      let content = read()
      return key.map { key in content.flatMap { apply(key, to: $0) } } ?? content
    }
  }

  /// Gives the key to what the request brings; each request of a batch has one of its own.
  ///
  /// - Returns: the rejection, when a request has another key in its extensions.
  static func apply(_ key: String, to content: GraphQLOverHTTP.Content) -> Result<GraphQLOverHTTP.Content, Rejection> {
    switch content {
    case .one(var read):
      guard read.idempotencyKey == nil || read.idempotencyKey == key else {
        return .failure(
          Rejection(400, "BAD_REQUEST", "The Idempotency-Key field and extensions.idempotencyKey are not the same."))
      }
      read.idempotencyKey = key
      return .success(.one(read))
    case .batch(let reads):
      let marked = reads.enumerated().map { number, read in
        read.map { read in
          var read = read
          read.idempotencyKey = read.idempotencyKey ?? "\(key)#\(number)"
          return read
        }
      }
      return .success(.batch(marked))
    }
  }
}
