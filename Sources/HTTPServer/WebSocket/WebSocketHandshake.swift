import CCrypto

/// A client's wish to speak WebSocket, and the answer to it. Pure.
///
/// Source: RFC 6455 section 4.2.
public struct WebSocketHandshake: Equatable, Sendable {
  /// What proves to the client that it was understood.
  public let accept: String
  /// The subprotocols that the client offers, best first.
  public let subprotocols: [String]

  /// Why there is no handshake.
  public enum Failure: Error, Equatable, Sendable {
    case notOffered
    case malformed
    case unknownVersion

    /// The answer to the client.
    public var response: HTTPResponse {
      switch self {
      case .notOffered, .malformed:
        return .failure(status: 400, code: "BAD_REQUEST", message: "This is not the handshake of a WebSocket.")
      case .unknownVersion:
        var response = HTTPResponse.failure(
          status: 426, code: "UPGRADE_REQUIRED", message: "Version 13 of WebSocket is supported.")
        response.fields.append(("sec-websocket-version", "13"))
        return response
      }
    }
  }

  /// Whether a request wants to speak WebSocket, well-formed or not.
  public static func isOffered(by request: HTTPRequest) -> Bool {
    request.list("upgrade").map { names(in: $0).contains("websocket") } ?? false
  }

  public init(_ request: HTTPRequest) throws(Failure) {
    guard Self.isOffered(by: request) else { throw .notOffered }
    guard request.method == .get, Self.names(in: request.list("connection") ?? "").contains("upgrade") else {
      throw .malformed
    }
    guard request.header("sec-websocket-version") == "13" else { throw .unknownVersion }
    guard request.count(of: "sec-websocket-key") == 1, let key = request.header("sec-websocket-key"), Self.isKey(key)
    else { throw .malformed }
    accept = Self.accept(for: key)
    subprotocols = (request.list("sec-websocket-protocol") ?? "").split(separator: ",").map { String($0.trimmed) }
  }

  /// 16 bytes in base64.
  private static func isKey(_ text: String) -> Bool {
    let digits = Array(text.utf8)
    guard digits.count == 24 else { return false }
    var bytes = [UInt8](repeating: 0, count: 18)
    // Two padding characters count as bytes here.
    return digits.hasSuffix("==") && millrace_base64_decode(digits, 24, &bytes) == 18
  }

  static func accept(for key: String) -> String {
    let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
    var digest = [UInt8](repeating: 0, count: 20)
    let isDone = millrace_sha1(text, text.count, &digest)
    precondition(isDone == 1, "SHA-1 works on any bytes.")
    var encoded = [UInt8](repeating: 0, count: 32)
    let count = millrace_base64_encode(digest, 20, &encoded)
    return String(decoding: encoded.prefix(Int(count)), as: UTF8.self)
  }

  private static func names(in list: String) -> [String] {
    list.split(separator: ",").map { $0.trimmed.lowercased() }
  }
}

extension [UInt8] {
  fileprivate func hasSuffix(_ text: StaticString) -> Bool {
    suffix(text.utf8CodeUnitCount).elementsEqual(
      UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
