import API
import Authentication
import EventLoop
import GraphQL
import HTTPServer
import Millrace

/// One client's WebSocket: carries out what the protocol says. On the loop's thread.
final class GraphQLSocket: WebSocketHandler, @unchecked Sendable {  // confined to its loop's thread
  private let service: GraphQLService
  private let authenticator: CallerAuthenticator
  private let configuration: ServerConfiguration
  /// Fields of the handshake, which stand in for what `connection_init` leaves out.
  private let authorization: String?
  private let acceptLanguage: String?
  private var machine: GraphQLSocketProtocol
  private var socket: WebSocket?
  private var gate: WriteGate?
  private var runs: [String: OperationRun] = [:]
  private var user = User()
  private var initTimer: LoopTimer?

  init(
    service: GraphQLService, authenticator: CallerAuthenticator, configuration: ServerConfiguration,
    authorization: String?, acceptLanguage: String?
  ) {
    self.service = service
    self.authenticator = authenticator
    self.configuration = configuration
    self.authorization = authorization
    self.acceptLanguage = acceptLanguage
    machine = GraphQLSocketProtocol(
      maximumOperations: configuration.streams.maximumOperations,
      // The parameters stand a level below the message.
      maximumDepth: configuration.api.limits.maxRequestDepth + 1)
  }

  // MARK: The socket

  func opened(_ socket: WebSocket) {
    self.socket = socket
    gate = WriteGate { [unowned socket] in socket.isWritable }
    initTimer = socket.loop?.timer(after: configuration.streams.initTimeout) { [weak self] in
      guard let self else { return }
      carryOut(machine.initExpired())
    }
  }

  func received(_ text: ContiguousArray<UInt8>) {
    carryOut(machine.received(text))
  }

  func drained() {
    gate?.drained()
  }

  func closed() {
    machine.closed()
    initTimer?.cancel()
    initTimer = nil
    gate?.close()
    for run in runs.values { run.cancel() }
    runs = [:]
    socket = nil
  }

  func serverStops() {
    socket?.close(WebSocket.CloseCode.goingAway, "The server is stopping.")
  }

  // MARK: The protocol

  private func carryOut(_ actions: [GraphQLSocketProtocol.Action]) {
    for action in actions {
      switch action {
      case .send(let text): socket?.send(text)
      case .close(let code, let reason): socket?.close(code, reason)
      case .authenticate(let header): authenticate(header ?? authorization)
      case .begin(let id, let parameters): begin(id, parameters)
      case .cancel(let id): runs.removeValue(forKey: id)?.cancel()
      }
    }
  }

  private func authenticate(_ header: String?) {
    initTimer?.cancel()
    initTimer = nil
    do throws(Refusal) {
      if let user = try authenticator.immediate(headerValue: header) { return authenticated(user) }
    } catch {
      return refused(error)
    }
    socket?.loop?.start { [self] in
      do throws(Refusal) {
        authenticated(try await authenticator.authenticate(headerValue: header))
      } catch {
        refused(error)
      }
    }
  }

  private func authenticated(_ user: User) {
    self.user = user
    carryOut(machine.authenticated(true))
  }

  private func refused(_ refusal: Refusal) {
    if refusal.reason == .unavailable {
      socket?.close(WebSocket.CloseCode.tryAgainLater, refusal.message)
    } else {
      carryOut(machine.authenticated(false, reason: refusal.message))
    }
  }

  private func begin(_ id: String, _ parameters: Value) {
    guard let gate, let loop = socket?.loop else { return }
    let request: GraphQLRequest
    do throws(GraphQLError) {
      request = try GraphQLRequest(parameters: parameters, limits: configuration.api.limits)
    } catch {
      return carryOut(machine.failed(id, errors: Self.list(of: GraphQLRefusal(error).response)))
    }
    request.user = user
    request.acceptLanguage = acceptLanguage
    runs[id] = OperationRun(
      service.open(request), gate: gate, on: loop,
      send: { [weak self] in self?.send(id, $0) },
      end: { [weak self] in self?.completed(id) })
  }

  private func send(_ id: String, _ response: OperationResponses.Response) {
    let body = response.response
    guard body.isRefusal else { return carryOut(machine.next(id, body.body)) }
    carryOut(machine.failed(id, errors: Self.list(of: body)))
  }

  private func completed(_ id: String) {
    runs[id] = nil
    carryOut(machine.completed(id))
  }

  /// The list in `{"errors":[…]}`.
  private static func list(of response: GraphQLResponse) -> ContiguousArray<UInt8> {
    let prefix = "{\"errors\":"
    return ContiguousArray(response.body.dropFirst(prefix.utf8.count).dropLast())
  }
}

extension GraphQLResponse {
  /// Whether nothing was executed: the body is a list of errors and nothing else.
  var isRefusal: Bool { outcome != .executed && outcome != .partial && body.starts(with: "{\"errors\":".utf8) }
}
