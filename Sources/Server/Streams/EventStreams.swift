import API
import EventLoop
import GraphQL
import HTTPServer
import WorkflowEngine

/// Answers requests for server-sent events: a stream per operation, or one that several operations share.
///
/// Source: GraphQL over Server-Sent Events, "Distinct connections mode" and "Single connection mode".
final class EventStreams: @unchecked Sendable {  // confined to its loop's thread
  /// What a request has to do with event streams.
  enum Purpose: Equatable {
    /// One operation, answered by a stream; if `always` is false, only a subscription is.
    case operation(always: Bool)
    /// A token for a stream.
    case reserve
    /// The stream of a token.
    case listen(token: String)
    /// An operation on the stream of a token.
    case operate(token: String)
    /// The end of such an operation.
    case stop(token: String)

    /// Whether it concerns a stream that several operations share.
    var isOfToken: Bool { if case .operation = self { false } else { true } }

  }

  private let service: GraphQLService
  private let configuration: ServerConfiguration
  private let reservations: EventStreamReservations

  init(service: GraphQLService, configuration: ServerConfiguration, reservations: EventStreamReservations) {
    self.service = service
    self.configuration = configuration
    self.reservations = reservations
  }

  /// Nil when the request has nothing to do with event streams.
  static func purpose(of request: HTTPRequest) -> Purpose? {
    let wish = EventStreamFormat.wish(accept: request.list("accept"))
    var token = request.header("x-graphql-event-stream-token")
    // The token of a query that only reads may be anybody's.
    if token == nil, wish != .none || request.method != .get && request.method != .head {
      token = request.query.flatMap { FormFields.parse($0)["token"] }
    }
    switch (request.method, token) {
    case (.put, _): return .reserve
    case (.get, let token?): return wish == .none ? .operate(token: token) : .listen(token: token)
    case (.post, let token?): return .operate(token: token)
    case (.delete, let token?): return .stop(token: token)
    case (.get, nil), (.post, nil): return wish == .none ? nil : .operation(always: wish == .preferred)
    default: return nil
    }
  }

  /// Whether a request is answered by a stream of its own.
  func streams(_ read: GraphQLRequest, always: Bool) -> Bool { always || service.isSubscription(read) }

  /// Answers with a stream of one operation.
  func stream(
    _ read: GraphQLRequest, _ exchange: HTTPExchange, fields: [(name: String, value: String)]
  ) {
    read.lastEventID = exchange.request.header("last-event-id")
    guard let stream = open(exchange, fields, onEnd: {}) else { return }
    stream.run(only: read)
  }

  private func open(
    _ exchange: HTTPExchange, _ fields: [(name: String, value: String)], onEnd: @escaping () -> Void
  ) -> EventStream? {
    let own = [
      (name: "content-type", value: "text/event-stream; charset=utf-8"), (name: "cache-control", value: "no-store"),
      (name: "vary", value: ResponseFinish.vary),
      // A proxy that gathers responses would hold events back.
      (name: "x-accel-buffering", value: "no"),
    ]
    guard let stream = exchange.respondInParts(status: 200, fields: own + fields) else { return nil }
    return EventStream(
      stream, service: service, loop: exchange.loop, keepAlive: configuration.streams.keepAlive, onEnd: onEnd)
  }

  // MARK: Streams with a token

  func reserve(_ caller: Caller, _ exchange: HTTPExchange) -> Result<HTTPResponse, Rejection> {
    guard let token = reservations.reserve(caller, now: exchange.loop.now / 1_000) else {
      return .failure(
        Rejection(503, "TOO_MANY_STREAMS", "There are too many event streams.", fields: [("retry-after", "10")]))
    }
    var response = HTTPResponse(status: 201, contentType: "text/plain; charset=utf-8", text: token)
    response.fields.append(("cache-control", "no-store"))
    return .success(response)
  }

  /// Opens the stream of a token; answers why not, otherwise.
  func listen(
    _ token: String, _ caller: Caller, _ exchange: HTTPExchange, fields: [(name: String, value: String)]
  ) -> Rejection? {
    switch reservations.claim(token, caller, now: exchange.loop.now / 1_000) {
    case .unknown: return Self.unknown
    case .taken: return Rejection(409, "STREAM_TAKEN", "Somebody listens to this event stream already.")
    case .granted: break
    }
    let reservations = reservations
    let stream = open(exchange, fields) { reservations.forget(token) }
    if let stream, stream.isOpen {
      reservations.open(token, stream)
    } else {
      reservations.forget(token)
    }
    return nil
  }

  /// Begins an operation on the stream of a token.
  ///
  /// - Parameter finish: called on `loop` with the answer.
  func operate(
    _ token: String, _ read: GraphQLRequest, on loop: EventLoop,
    _ finish: @escaping @Sendable (Result<HTTPResponse, Rejection>) -> Void
  ) {
    guard let id = read.operationID, !id.isEmpty else {
      return finish(.failure(Rejection(400, "BAD_REQUEST", "The operation needs an id: extensions.operationId.")))
    }
    withStream(token, read.caller, loop, finish) { [configuration] stream in
      guard !stream.isRunning(id) else {
        return .failure(Rejection(409, "OPERATION_EXISTS", "There is an operation with this id on the event stream."))
      }
      guard stream.operationCount < configuration.streams.maximumOperations else {
        let most = configuration.streams.maximumOperations
        return .failure(
          Rejection(429, "TOO_MANY_OPERATIONS", "An event stream has \(most) operations at once at most."))
      }
      stream.run(id, read)
      return .success(HTTPResponse(status: 202))
    }
  }

  /// Ends an operation on the stream of a token.
  func stop(
    _ token: String, _ request: HTTPRequest, _ caller: Caller, on loop: EventLoop,
    _ finish: @escaping @Sendable (Result<HTTPResponse, Rejection>) -> Void
  ) {
    guard let id = request.query.flatMap({ FormFields.parse($0)["operationId"] }) else {
      return finish(.failure(Rejection(400, "BAD_REQUEST", "Say which operation: operationId.")))
    }
    withStream(token, caller, loop, finish) { stream in
      stream.stop(id)
        ? .success(HTTPResponse(status: 200))
        : .failure(Rejection(404, "NOT_FOUND", "There is no operation with this id on the event stream."))
    }
  }

  /// The stream may belong to another loop: what is done with it is done there.
  private func withStream(
    _ token: String, _ caller: Caller, _ loop: EventLoop,
    _ finish: @escaping @Sendable (Result<HTTPResponse, Rejection>) -> Void,
    _ body: @escaping @Sendable (EventStream) -> Result<HTTPResponse, Rejection>
  ) {
    switch reservations.place(token, caller) {
    case .unknown: finish(.failure(Self.unknown))
    case .waiting: finish(.failure(Rejection(409, "STREAM_NOT_OPEN", "Nobody listens to this event stream yet.")))
    case .open(let stream):
      stream.loop.execute {
        let answer = stream.isOpen ? body(stream) : .failure(Self.unknown)
        loop.execute { finish(answer) }
      }
    }
  }

  private static let unknown = Rejection(404, "NOT_FOUND", "There is no such event stream.")
}
