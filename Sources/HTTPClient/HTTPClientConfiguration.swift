/// What all requests of a client have in common.
public struct HTTPClientConfiguration: Sendable {
  /// Whose certificates are believed.
  public enum Trust: Hashable, Sendable {
    /// The system's certificate authorities.
    case system
    /// The certificate authorities of a PEM file.
    case file(String)
    /// Any certificate. Whoever stands between reads and changes everything: for development only.
    case anyone
  }

  public var trust = Trust.system
  /// Asked with the address of every connection before it is opened, after the name was resolved: a name that
  /// changes its address between check and use gains nothing. A connection that was let through may carry further
  /// requests. Nil lets every address through.
  public var connectFilter: (@Sendable (NetworkAddress) -> Bool)?
  /// Connections at once; further requests wait, and their waiting counts towards their timeout.
  public var maximumConnections = 64
  /// Connections to one host at once.
  public var maximumConnectionsPerHost = 16
  /// Milliseconds for resolving, connecting and the TLS handshake, within the request's timeout.
  public var connectTimeout: UInt64 = 5_000
  public var userAgent = "millrace"

  public init() {}
}
