import API
import Authentication
import EventLoop
import GraphQL
import HTTPServer
import Logging
import Millrace
import Monitoring

/// Routes HTTP requests: GraphQL, health, the page.
final class RequestHandler: HTTPHandler, @unchecked Sendable {  // confined to its loop's thread
  private let loop: EventLoop
  private let service: GraphQLService
  private let authenticator: CallerAuthenticator
  private let configuration: ServerConfiguration
  private let finishing: ResponseFinish.Settings
  private let readiness: Readiness
  private let logger: Logger
  private let logsRequests: Bool
  private let eventStreams: EventStreams
  private let sockets: GraphQLSockets
  /// Nil where metrics are not served.
  private let registry: MetricRegistry?
  private let metrics: ServerMetrics?

  init(
    loop: EventLoop, service: GraphQLService, authenticator: CallerAuthenticator, configuration: ServerConfiguration,
    readiness: Readiness, reservations: EventStreamReservations, registry: MetricRegistry?, logger: Logger
  ) {
    self.registry = registry
    metrics = registry == nil ? nil : ServerMetrics()
    sockets = GraphQLSockets(service: service, authenticator: authenticator, configuration: configuration)
    eventStreams = EventStreams(service: service, configuration: configuration, reservations: reservations)
    self.loop = loop
    self.service = service
    self.authenticator = authenticator
    self.configuration = configuration
    finishing = ResponseFinish.Settings(configuration)
    self.readiness = readiness
    self.logger = logger
    logsRequests = logger.logLevel <= .debug
  }

  func handle(_ exchange: HTTPExchange) {
    let began = exchange.loop.now
    let request = exchange.request
    let path = request.path
    let start = metrics?.now
    let finish: @Sendable (HTTPResponse) -> Void = { [self] response in
      var response = response
      addCORS(request, to: &response)
      if let metrics, let start { metrics.note(path: path, status: response.status, since: start) }
      if logsRequests {
        logger.debug(
          "Request",
          metadata: [
            "method": "\(request.method)", "path": "\(path)", "status": "\(response.status)",
            "bytes": "\(response.body.count)", "milliseconds": "\(exchange.loop.now - began)",
          ])
      }
      exchange.respond(response)
    }
    // Which of two is meant, another server in front may see differently.
    guard request.count(of: "authorization") <= 1 else {
      let message = "A request has one Authorization field at most."
      return finish(.failure(status: 400, code: "BAD_REQUEST", message: message))
    }
    switch path {
    case "/graphql", "/graphql/":
      if WebSocketHandshake.isOffered(by: request) {
        if let refusal = sockets.open(exchange) { finish(refusal) }
        return
      }
      graphql(exchange, documentID: nil, finish)
    case "/healthz":
      finish(only(request, [.get, .head]) ?? HTTPResponse(status: 200, contentType: "text/plain", text: "ok\n"))
    case "/readyz":
      finish(only(request, [.get, .head]) ?? readiness.response(database: service.isDatabaseAvailable))
    case "/metrics" where registry != nil:
      if let refusal = only(request, [.get, .head]) { return finish(refusal) }
      exchange.loop.start { [self] in
        guard let registry else { return }
        let pending = await service.pendingDeliveries()
        finish(ServerMetrics.response(registry, databaseIsUp: service.isDatabaseAvailable, pending: pending))
      }
    case "/":
      finish(only(request, [.get, .head]) ?? Page.response)
    case _ where path.hasPrefix("/graphql/sha256:"):
      graphql(exchange, documentID: String(path.dropFirst("/graphql/".count)), finish)
    default:
      finish(.failure(status: 404, code: "NOT_FOUND", message: "There is nothing here; the API is at /graphql."))
    }
  }

  private func only(_ request: HTTPRequest, _ methods: [HTTPRequest.Method]) -> HTTPResponse? {
    guard !methods.contains(request.method) else { return nil }
    var response = HTTPResponse.failure(
      status: 405, code: "METHOD_NOT_ALLOWED", message: "This address does not take this method.")
    response.fields.append(("allow", "GET, HEAD"))
    return response
  }

  // MARK: GraphQL

  private func graphql(
    _ exchange: HTTPExchange, documentID: String?, _ finish: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    let request = exchange.request
    if request.method == .options {
      finish(HTTPResponse(status: 204, fields: [("allow", GraphQLOverHTTP.methods)]))
      return
    }
    let purpose = EventStreams.purpose(of: request)
    // Errors are JSON also where the client asks for nothing but a stream, or a token for one.
    let fallback = ResponseFormat(.jsonByDefault, configuration.statusProfile)
    let accepted = ResponseFormat(accept: request.list("accept"), profile: configuration.statusProfile)
    guard accepted != nil || purpose != nil else { return finish(Self.notAcceptable.response(fallback)) }
    let format = accepted ?? fallback
    let credentials = request.header("authorization")
    do throws(Refusal) {
      if let user = try authenticator.immediate(headerValue: credentials) {
        return graphql(exchange, documentID, purpose, user, format, finish)
      }
    } catch {
      return finish(Rejection(error).response(format))
    }
    exchange.loop.start { [self] in
      do throws(Refusal) {
        let user = try await authenticator.authenticate(headerValue: credentials)
        graphql(exchange, documentID, purpose, user, format, finish)
      } catch {
        finish(Rejection(error).response(format))
      }
    }
  }

  private func graphql(
    _ exchange: HTTPExchange, _ documentID: String?, _ purpose: EventStreams.Purpose?, _ user: User,
    _ format: ResponseFormat, _ finish: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    let request = exchange.request
    if let purpose, purpose.isOfToken {
      return eventStream(purpose, user, exchange, format, finish)
    }
    if let uploads = exchange.bodyReceiver as? UploadReceiver {
      return answer(uploads, documentID, purpose, user, exchange, format, finish)
    }
    do throws(Rejection) {
      answer(try content(of: request, documentID), purpose, user, exchange, format, finish)
    } catch {
      finish(error.response(format))
    }
  }

  private static let notAcceptable = Rejection(
    406, "NOT_ACCEPTABLE", "Responses are application/graphql-response+json or application/json.")

  /// What concerns an event stream that several operations share.
  private func eventStream(
    _ purpose: EventStreams.Purpose, _ user: User, _ exchange: HTTPExchange, _ format: ResponseFormat,
    _ finish: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    let answer: @Sendable (Result<HTTPResponse, Rejection>) -> Void = { result in
      switch result {
      case .success(let response): finish(response)
      case .failure(let rejection): finish(rejection.response(format))
      }
    }
    switch purpose {
    case .operation: break
    case .reserve: answer(eventStreams.reserve(user.caller, exchange))
    case .listen(let token):
      if let rejection = eventStreams.listen(token, user.caller, exchange, fields: corsFields(exchange.request)) {
        finish(rejection.response(format))
      }
    case .stop(let token): eventStreams.stop(token, exchange.request, user.caller, on: exchange.loop, answer)
    case .operate(let token):
      do throws(Rejection) {
        guard case .one(let read) = try content(of: exchange.request, nil) else {
          throw Rejection(400, "BAD_REQUEST", "An event stream takes one operation at a time.")
        }
        complete(read, user, exchange.request)
        eventStreams.operate(token, read, on: exchange.loop, answer)
      } catch {
        finish(error.response(format))
      }
    }
  }

  private func complete(_ read: GraphQLRequest, _ user: User, _ request: HTTPRequest) {
    read.user = user
    read.acceptLanguage = request.header("accept-language")
  }

  private func content(
    of request: HTTPRequest, _ documentID: String?
  ) throws(Rejection) -> GraphQLOverHTTP.Content {
    try GraphQLOverHTTP.admit(
      request, documentID: documentID, limits: configuration.api.limits, protection: configuration.csrfProtection,
      origins: configuration.corsOrigins)
  }

  // MARK: Files

  /// Files are taken from whom the request may come from, as far as that is known at once.
  func bodyReceiver(for request: HTTPRequest) -> (any HTTPBodyReceiver)? {
    guard configuration.uploads.maximumUploads > 0, request.method == .post,
      request.header("content-type", begins: "multipart/"), request.path.hasPrefix("/graphql"),
      let boundary = request.header("content-type").flatMap({ MultipartParser.boundary(contentType: $0) }),
      let parser = MultipartParser(boundary: boundary, maximumParts: configuration.uploads.maximumUploads + 2),
      configuration.csrfProtection.verdict(request, origins: configuration.corsOrigins) == .all
    else { return nil }
    do throws(Refusal) {
      _ = try authenticator.immediate(headerValue: request.header("authorization"))
    } catch {
      return nil
    }
    return UploadReceiver(parser, loop: loop, configuration: configuration)
  }

  private func answer(
    _ uploads: UploadReceiver, _ documentID: String?, _ purpose: EventStreams.Purpose?, _ user: User,
    _ exchange: HTTPExchange, _ format: ResponseFormat, _ finish: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    uploads.content { [self] result in
      do throws(Rejection) {
        let content = try GraphQLOverHTTP.admit(
          result.get(), of: exchange.request, documentID: documentID, limits: configuration.api.limits)
        answer(content, purpose, user, exchange, format, finish)
      } catch {
        finish(error.response(format))
      }
    }
  }

  private func answer(
    _ content: GraphQLOverHTTP.Content, _ purpose: EventStreams.Purpose?, _ user: User, _ exchange: HTTPExchange,
    _ format: ResponseFormat, _ finish: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    let request = exchange.request
    content.complete { complete($0, user, request) }
    if case .operation(let always)? = purpose {
      switch content {
      case .one(let read):
        if eventStreams.streams(read, always: always) {
          return eventStreams.stream(read, exchange, fields: corsFields(request))
        }
      case .batch:
        // The answers of a batch are one piece of JSON.
        if always, ResponseFormat(accept: request.list("accept"), profile: format.profile) == nil {
          return finish(Self.notAcceptable.response(format))
        }
      }
    }
    let isPersisted = if case .one(let read) = content { read.isPersisted } else { false }
    let last = ResponseFinish(exchange.request, isPersisted: isPersisted, finishing)
    let loop = exchange.loop
    let respond: @Sendable (GraphQLResponse) -> Void = { answer in
      last.apply(to: format.response(answer), complete: answer.outcome == .executed, on: loop, finish)
    }
    let answer: GraphQLResponse?
    switch content {
    case .one(let read): answer = service.answer(read, later: respond)
    case .batch(let reads): answer = service.answer(batch: reads, later: respond)
    }
    if let answer { respond(answer) }
  }

  // MARK: CORS

  private func corsFields(_ request: HTTPRequest) -> [(name: String, value: String)] {
    guard !configuration.corsOrigins.isEmpty else { return [] }
    let exposed = (name: "access-control-expose-headers", value: "etag, retry-after, idempotent-replayed")
    if configuration.corsOrigins.contains("*") { return [("access-control-allow-origin", "*"), exposed] }
    // Also said to those who get nothing: what is kept for one origin is of no use to another.
    let vary = (name: "vary", value: "origin")
    guard let origin = request.header("origin"), configuration.corsOrigins.contains(origin) else { return [vary] }
    return [("access-control-allow-origin", origin), exposed, vary]
  }

  private func addCORS(_ request: HTTPRequest, to response: inout HTTPResponse) {
    let fields = corsFields(request)
    guard !fields.isEmpty else { return }
    response.fields += fields
    if request.method == .options, fields.contains(where: { $0.name == "access-control-allow-origin" }) {
      response.fields.append(("access-control-allow-methods", GraphQLOverHTTP.methods))
      response.fields.append(
        (
          "access-control-allow-headers",
          "content-type, authorization, accept-language, idempotency-key, if-none-match, graphql-require-preflight, "
            + "apollo-require-preflight, x-apollo-operation-name, apollographql-client-name, "
            + "apollographql-client-version, x-requested-with, x-graphql-event-stream-token, last-event-id"
        ))
      response.fields.append(("access-control-max-age", "600"))
    }
  }
}
