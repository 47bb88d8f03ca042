/// Why a request has no response.
public enum HTTPClientError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The method, address or a field cannot be sent.
  case invalidRequest(String)
  /// The connect filter let none of the host's addresses through; this is the last one.
  case addressRefused(String)
  case couldNotResolve(String)
  case couldNotConnect(String)
  /// The TLS handshake failed, or the certificate is not believed.
  case notTrusted(String)
  case timedOut
  /// More bytes came than the request takes.
  case responseTooLarge(limit: Int)
  /// The connection broke, or what came is not HTTP.
  case failed(String)
  /// The client, or its loop, has ended.
  case closed

  public var description: String {
    switch self {
    case .invalidRequest(let reason): "The request cannot be sent: \(reason)"
    case .addressRefused(let address): "Connections to \(address) are not allowed."
    case .couldNotResolve(let reason): "The host has no address: \(reason)"
    case .couldNotConnect(let reason): "No connection: \(reason)"
    case .notTrusted(let reason): "No trusted connection: \(reason)"
    case .timedOut: "There was no answer in time."
    case .responseTooLarge(let limit): "The response is larger than \(limit) bytes."
    case .failed(let reason): "The request failed: \(reason)"
    case .closed: "The HTTP client is closed."
    }
  }
}
