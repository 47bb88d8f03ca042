import API
import HTTPServer

/// Opens WebSockets for clients of the API.
struct GraphQLSockets: Sendable {
  let service: GraphQLService
  let authenticator: CallerAuthenticator
  let configuration: ServerConfiguration

  /// Hands the connection over, or answers why not.
  func open(_ exchange: HTTPExchange) -> HTTPResponse? {
    let request = exchange.request
    let handshake: WebSocketHandshake
    do throws(WebSocketHandshake.Failure) {
      handshake = try WebSocketHandshake(request)
    } catch {
      return error.response
    }
    guard isAllowed(origin: request.header("origin"), host: request.header("host")) else {
      return .failure(
        status: 403, code: "FOREIGN_ORIGIN", message: "Pages of this origin may not open a WebSocket here.")
    }
    let isSpoken = handshake.subprotocols.contains(GraphQLSocketProtocol.name)
    var fields = [(name: "upgrade", value: "websocket"), (name: "sec-websocket-accept", value: handshake.accept)]
    if isSpoken { fields.append(("sec-websocket-protocol", GraphQLSocketProtocol.name)) }
    let handler: any WebSocketHandler =
      isSpoken
      ? GraphQLSocket(
        service: service, authenticator: authenticator, configuration: configuration,
        authorization: request.header("authorization"), acceptLanguage: request.header("accept-language"))
      : ForeignSubprotocol()
    let socket = WebSocket(
      handler: handler, maximumMessageBytes: configuration.http.maximumBodyBytes,
      keepAlive: configuration.streams.keepAlive)
    guard exchange.upgrade(fields: fields, to: socket) else {
      var response = HTTPResponse.failure(
        status: 503, code: "UNAVAILABLE", message: "The connection cannot be handed over.")
      response.fields.append(("retry-after", "1"))
      return response
    }
    return nil
  }

  /// Whether a page of this origin may open a WebSocket. Browsers ask nobody before they open one, and send cookies and
  /// other credentials along; they do say where the page is from. What is no browser says nothing.
  func isAllowed(origin: String?, host: String?) -> Bool {
    guard let origin else { return true }
    let allowed = configuration.streams.webSocketOrigins ?? configuration.corsOrigins
    if allowed.contains("*") || allowed.contains(origin) { return true }
    // An origin ends with its authority, which is what the request names as its host.
    guard configuration.streams.webSocketOrigins == nil, let host else { return false }
    return origin == "http://\(host)" || origin == "https://\(host)"
  }
}

/// Tells a client that none of its subprotocols is spoken here. With 4406, because a browser does not show a page why a
/// handshake was refused.
private final class ForeignSubprotocol: WebSocketHandler {
  func opened(_ socket: WebSocket) {
    socket.close(GraphQLSocketProtocol.CloseCode.subprotocol, "Subprotocol not acceptable")
  }

  func received(_ text: ContiguousArray<UInt8>) {}
  func drained() {}
  func closed() {}
  func serverStops() {}
}
