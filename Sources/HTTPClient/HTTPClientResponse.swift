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
}
