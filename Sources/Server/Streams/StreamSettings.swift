/// Bounds on connections that carry several operations or responses: WebSockets and streams of server-sent events.
struct StreamSettings: Sendable {
  /// Milliseconds after which a quiet connection is given a sign of life. Default 12 000.
  var keepAlive: UInt64 = 12_000
  /// Milliseconds a WebSocket has for `connection_init`. Default 3 000; closed with 4408.
  var initTimeout: UInt64 = 3_000
  /// Operations of one connection at once. Default 100; one more is refused.
  var maximumOperations = 100
  /// Origins whose pages may open a WebSocket; nil for the server's own and those of CORS.
  var webSocketOrigins: [String]?
}
