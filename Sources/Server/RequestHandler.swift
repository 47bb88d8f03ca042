import API
import Authentication
import EventLoop
import GraphQL
import HTTPServer
import Logging
import WorkflowEngine

/// Routes HTTP requests: GraphQL, health, the page.
final class RequestHandler: HTTPHandler, @unchecked Sendable {  // confined to its loop's thread
  private let service: GraphQLService
  private let authenticator: CallerAuthenticator
  private let configuration: ServerConfiguration
  private let readiness: Readiness
  private let logger: Logger
  private let logsRequests: Bool

  init(
    service: GraphQLService, authenticator: CallerAuthenticator, configuration: ServerConfiguration,
    readiness: Readiness, logger: Logger
  ) {
    self.service = service
    self.authenticator = authenticator
    self.configuration = configuration
    self.readiness = readiness
    self.logger = logger
    logsRequests = logger.logLevel <= .debug
  }

  func handle(_ exchange: HTTPExchange) {
    let began = exchange.loop.now
    let request = exchange.request
    let path = request.path
    let finish: @Sendable (HTTPResponse) -> Void = { [self] response in
      var response = response
      addCORS(request, to: &response)
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
    switch path {
    case "/graphql", "/graphql/":
      graphql(exchange, documentID: nil, finish)
    case "/healthz":
      finish(only(request, [.get, .head]) ?? HTTPResponse(status: 200, contentType: "text/plain", text: "ok\n"))
    case "/readyz":
      finish(only(request, [.get, .head]) ?? readiness.response(database: service.isDatabaseAvailable))
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
      finish(HTTPResponse(status: 204, fields: [("allow", "GET, POST, OPTIONS")]))
      return
    }
    guard let format = ResponseFormat(accept: request.header("accept"), profile: configuration.statusProfile) else {
      let message = "Responses are application/graphql-response+json or application/json."
      return finish(Rejection(406, "NOT_ACCEPTABLE", message).response)
    }
    let credentials = request.header("authorization")
    if let outcome = authenticator.immediate(headerValue: credentials) {
      return graphql(exchange, documentID, outcome, format, finish)
    }
    exchange.loop.start { [self] in
      let outcome = await authenticator.authenticate(headerValue: credentials)
      graphql(exchange, documentID, outcome, format, finish)
    }
  }

  private func graphql(
    _ exchange: HTTPExchange, _ documentID: String?, _ outcome: Result<Caller, Refusal>, _ format: ResponseFormat,
    _ finish: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    let request = exchange.request
    switch outcome {
    case .failure(let refusal):
      finish(Rejection(refusal).response(format))
    case .success(let caller):
      switch content(of: request, documentID) {
      case .failure(let rejection):
        finish(rejection.response(format))
      case .success(let content):
        answer(content, caller, exchange, format, finish)
      }
    }
  }

  /// What the request brings, marked with what it may not do.
  private func content(
    of request: HTTPRequest, _ documentID: String?
  ) -> Result<GraphQLOverHTTP.Content, Rejection> {
    let verdict = configuration.csrfProtection.verdict(request, origins: configuration.corsOrigins)
    guard verdict != .nothing else { return .failure(Rejection(CSRFProtection.refusal)) }
    return GraphQLOverHTTP.read(request, documentID: documentID, limits: configuration.api.limits).map { content in
      guard verdict == .queries, case .one(var read) = content else { return content }
      read.mutationRefusal = CSRFProtection.refusal
      return .one(read)
    }
  }

  private func answer(
    _ content: GraphQLOverHTTP.Content, _ caller: Caller, _ exchange: HTTPExchange, _ format: ResponseFormat,
    _ finish: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    let language = exchange.request.header("accept-language")
    func completed(_ read: GraphQLRequest) -> GraphQLRequest {
      var read = read
      read.caller = caller
      read.acceptLanguage = language
      return read
    }
    let isPersisted = if case .one(let read) = content { read.isPersisted } else { false }
    let last = ResponseFinish(exchange.request, isPersisted: isPersisted, configuration)
    let loop = exchange.loop
    let respond: @Sendable (GraphQLResponse) -> Void = { answer in
      last.apply(to: format.response(answer), complete: answer.outcome == .executed, on: loop, finish)
    }
    let answer =
      switch content {
      case .one(let read): service.answer(completed(read), later: respond)
      case .batch(let reads): service.answer(batch: reads.map { $0.map(completed) }, later: respond)
      }
    if let answer { respond(answer) }
  }

  // MARK: CORS

  private func addCORS(_ request: HTTPRequest, to response: inout HTTPResponse) {
    guard !configuration.corsOrigins.isEmpty, let origin = request.header("origin") else { return }
    let isOpen = configuration.corsOrigins.contains("*")
    guard isOpen || configuration.corsOrigins.contains(origin) else { return }
    response.fields.append(("access-control-allow-origin", isOpen ? "*" : origin))
    if !isOpen { response.fields.append(("vary", "origin")) }
    if request.method == .options {
      response.fields.append(("access-control-allow-methods", "GET, POST, OPTIONS"))
      response.fields.append(
        (
          "access-control-allow-headers",
          "content-type, authorization, accept-language, graphql-require-preflight, apollo-require-preflight, x-requested-with"
        ))
      response.fields.append(("access-control-max-age", "600"))
    }
  }
}
