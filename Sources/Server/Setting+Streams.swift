extension Setting {
  /// Connections that carry several operations or responses.
  static let streams: [Setting] = [
    number(
      "MILLRACE_KEEP_ALIVE", "--keep-alive", 100...3_600_000, "12000",
      "Milliseconds after which a quiet WebSocket or event stream is given a sign of life."
    ) { $1.streams.keepAlive = UInt64($0) },
    number(
      "MILLRACE_INIT_TIMEOUT", "--init-timeout", 100...600_000, "3000",
      "Milliseconds a WebSocket has for connection_init."
    ) { $1.streams.initTimeout = UInt64($0) },
    number(
      "MILLRACE_MAX_OPERATIONS", "--max-operations", 1...100_000, "100",
      "Operations of one WebSocket or event stream at once."
    ) { $1.streams.maximumOperations = $0 },
    Setting(
      "MILLRACE_WEBSOCKET_ORIGINS", "--websocket-origins", WebOrigins.expected,
      "the server's own and those of CORS",
      "Origins whose pages may open a WebSocket."
    ) {
      $1.streams.webSocketOrigins = WebOrigins.parse($0)
      return $1.streams.webSocketOrigins != nil
    },
  ]
}
