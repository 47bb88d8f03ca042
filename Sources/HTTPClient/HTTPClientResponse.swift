import CCurl

/// What a server answered.
public struct HTTPClientResponse: Sendable {
  public let status: Int
  /// In the order in which they came, names in lower case.
  public let headers: [(name: String, value: String)]
  public let body: [UInt8]
  /// The body was longer than the request takes, and was cut.
  public let isTruncated: Bool

  /// The value of the first field with this name, which is given in lower case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name == name }?.value
  }

  /// Seconds that the server asks to be left alone for, as `retry-after` says in a number or a date; nil when it does
  /// not.
  ///
  /// Source: RFC 9110, section 10.2.3.
  ///
  /// - Parameter now: seconds since 1970.
  public func retryAfter(now: Int64) -> Int64? {
    guard let text = header("retry-after") else { return nil }
    if let seconds = Int64(text) { return seconds > 0 ? seconds : nil }
    let date = Int64(curl_getdate(text, nil))
    return date > now ? date - now : nil
  }
}
