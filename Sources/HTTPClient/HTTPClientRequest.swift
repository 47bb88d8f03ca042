/// A request of a client.
public struct HTTPClientRequest: Sendable {
  public var method: String
  /// An `http` or `https` address.
  public var url: String
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  /// Milliseconds from now to the end of the response.
  public var timeout: UInt64
  /// Bytes of the response's body at most.
  public var maximumBodyBytes: Int
  /// Cuts a longer body instead of failing.
  public var truncatesBody = false
  /// At most five, to `http` and `https`; every new connection passes the filter.
  public var followsRedirects: Bool

  public init(
    _ method: String = "GET", _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    timeout: UInt64 = 10_000, maximumBodyBytes: Int = 1_048_576, followsRedirects: Bool = false
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.maximumBodyBytes = maximumBodyBytes
    self.followsRedirects = followsRedirects
  }

  /// - Throws: `HTTPClientError.invalidRequest` for what would end a line or a request early.
  func check() throws(HTTPClientError) {
    guard !method.isEmpty, method.utf8.allSatisfy(Self.isTokenByte) else {
      throw .invalidRequest("The method is not a token.")
    }
    let scheme = url.prefix { $0 != ":" }.lowercased()
    guard scheme == "http" || scheme == "https", url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw .invalidRequest("The address is not an http or https one.")
    }
    for (name, value) in headers {
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
        throw .invalidRequest("A header field's name is not a token.")
      }
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        throw .invalidRequest("The header field \(name) has a control character.")
      }
    }
  }

  /// Source: RFC 9110, section 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default:
      "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
