import API
import EventLoop
import GraphQL
import HTTPServer
import Logging
import Millrace
import WorkflowEngine

/// Routes HTTP requests: GraphQL, health, the page.
final class RequestHandler: HTTPHandler, @unchecked Sendable {  // confined to its loop's thread
  private let service: GraphQLService
  private let configuration: ServerConfiguration
  private let readiness: Readiness
  private let logger: Logger
  private let logsRequests: Bool

  init(service: GraphQLService, configuration: ServerConfiguration, readiness: Readiness, logger: Logger) {
    self.service = service
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
      graphql(request, finish)
    case "/healthz":
      finish(only(request, [.get, .head]) ?? HTTPResponse(status: 200, contentType: "text/plain", text: "ok\n"))
    case "/readyz":
      finish(only(request, [.get, .head]) ?? readiness.response(database: service.isDatabaseAvailable))
    case "/":
      finish(only(request, [.get, .head]) ?? Page.response)
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

  private func graphql(_ request: HTTPRequest, _ finish: @escaping @Sendable (HTTPResponse) -> Void) {
    if request.method == .options {
      finish(HTTPResponse(status: 204, fields: [("allow", "GET, POST, OPTIONS")]))
      return
    }
    switch Authentication.caller(of: request, configuration) {
    case .failure(let rejection):
      finish(rejection.response)
    case .success(let caller):
      switch GraphQLOverHTTP.read(request, limits: configuration.api.limits) {
      case .failure(let rejection):
        finish(rejection.response)
      case .success(var graphQL):
        graphQL.user = User(caller)
        graphQL.acceptLanguage = request.header("accept-language")
        let answer = service.answer(graphQL) { finish(GraphQLOverHTTP.response($0)) }
        if let answer { finish(GraphQLOverHTTP.response(answer)) }
      }
    }
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
        ("access-control-allow-headers", "content-type, authorization, accept-language"))
      response.fields.append(("access-control-max-age", "600"))
    }
  }
}

/// An answer instead of an execution.
struct Rejection: Error {
  let response: HTTPResponse

  init(_ status: Int, _ code: String, _ message: String, fields: [(name: String, value: String)] = []) {
    var response = GraphQLOverHTTP.errors([GraphQLError(message, code: code)], status: status)
    response.fields += fields
    self.response = response
  }
}
