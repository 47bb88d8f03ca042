import GraphQL

/// The server's side of the protocol `graphql-transport-ws`, without a socket and without a clock: messages in, what is
/// to be done out. Pure.
///
/// Source: "GraphQL over WebSocket Protocol" of graphql-ws.
struct GraphQLSocketProtocol {
  /// What the connection is to do.
  enum Action: Equatable {
    case send(ContiguousArray<UInt8>)
    /// Ends the connection; nothing is sent after it.
    case close(code: UInt16, reason: String)
    /// Find out who the client is, from a value of `Authorization` if it sent one, and call `authenticated`.
    case authenticate(headerValue: String?)
    /// Run an operation.
    case begin(id: String, parameters: Value)
    case cancel(id: String)
  }

  /// Close codes of the protocol.
  enum CloseCode {
    static let badMessage: UInt16 = 4_400
    static let unauthorized: UInt16 = 4_401
    static let forbidden: UInt16 = 4_403
    static let subprotocol: UInt16 = 4_406
    static let initTimeout: UInt16 = 4_408
    static let subscriberExists: UInt16 = 4_409
    static let tooManyInits: UInt16 = 4_429
  }

  /// The subprotocol's name.
  static let name = "graphql-transport-ws"

  private enum State {
    case waiting, authenticating, ready, closed
  }

  private var state = State.waiting
  private var running: Set<String> = []
  private let maximumOperations: Int
  private let maximumDepth: Int

  /// - Parameters:
  ///   - maximumOperations: at once; one more is answered with an error.
  ///   - maximumDepth: of a message's JSON.
  init(maximumOperations: Int, maximumDepth: Int) {
    self.maximumOperations = maximumOperations
    self.maximumDepth = maximumDepth
  }

  var isReady: Bool { state == .ready }
  var operationCount: Int { running.count }
  func isRunning(_ id: String) -> Bool { running.contains(id) }

  // MARK: From the client

  mutating func received(_ text: ContiguousArray<UInt8>) -> [Action] {
    guard state != .closed else { return [] }
    let message: Value
    do throws(JSONDocument.Failure) {
      message = try JSONDocument(text, maxDepth: maximumDepth).root.value
    } catch {
      return close(
        CloseCode.badMessage, error.isTooDeep ? "The message is nested too deeply." : "The message is not valid JSON.")
    }
    guard case .object(let object) = message, case .string(let type)? = object["type"] else {
      return close(CloseCode.badMessage, "The message is no object with a type.")
    }
    switch type {
    case "connection_init": return initialise(object)
    case "ping": return ping(object)
    case "pong":
      return isPayload(object["payload"]) ? [] : close(CloseCode.badMessage, "The payload of a pong is an object.")
    case "subscribe": return subscribe(object)
    case "complete": return complete(object)
    case "start", "stop", "connection_terminate":
      // Clients that fell back to the older protocol, whatever subprotocol they got.
      return close(CloseCode.badMessage, "The type is of the older graphql-ws; this is graphql-transport-ws.")
    default: return close(CloseCode.badMessage, "There is no message of this type.")
    }
  }

  private func isPayload(_ value: Value?) -> Bool {
    switch value {
    case nil, .null?, .object?: true
    default: false
    }
  }

  private mutating func initialise(_ message: ValueObject) -> [Action] {
    guard state == .waiting else { return close(CloseCode.tooManyInits, "Too many initialisation requests") }
    let payload = message["payload"]
    guard isPayload(payload) else {
      return close(CloseCode.badMessage, "The payload of connection_init is an object.")
    }
    state = .authenticating
    switch payload?["Authorization"] ?? payload?["authorization"] {
    case nil, .null?: return [.authenticate(headerValue: nil)]
    case .string(let value)?: return [.authenticate(headerValue: value)]
    default: return close(CloseCode.badMessage, "The authorization of connection_init is a text.")
    }
  }

  private mutating func ping(_ message: ValueObject) -> [Action] {
    let payload = message["payload"]
    guard isPayload(payload) else { return close(CloseCode.badMessage, "The payload of a ping is an object.") }
    guard case .object? = payload else { return [.send(Self.message("pong"))] }
    return [.send(Self.message("pong") { $0["payload"] = payload })]
  }

  private mutating func subscribe(_ message: ValueObject) -> [Action] {
    guard state == .ready else { return close(CloseCode.unauthorized, "Unauthorized") }
    guard case .string(let id)? = message["id"], !id.isEmpty else {
      return close(CloseCode.badMessage, "The id of subscribe is a text that is not empty.")
    }
    guard case .object(let payload)? = message["payload"], case .string? = payload["query"] ?? .string("") else {
      return close(CloseCode.badMessage, "The payload of subscribe is an object with a query.")
    }
    guard !running.contains(id) else {
      return close(CloseCode.subscriberExists, "Subscriber for \(id) already exists")
    }
    guard running.count < maximumOperations else {
      let error = GraphQLError(
        "A connection has \(maximumOperations) operations at once at most.", code: "TOO_MANY_OPERATIONS")
      return [.send(Self.error(id, [error]))]
    }
    running.insert(id)
    return [.begin(id: id, parameters: .object(payload))]
  }

  private mutating func complete(_ message: ValueObject) -> [Action] {
    guard case .string(let id)? = message["id"] else {
      return close(CloseCode.badMessage, "The id of complete is a text.")
    }
    // One that is unknown has ended meanwhile.
    return running.remove(id) == nil ? [] : [.cancel(id: id)]
  }

  // MARK: From the server

  /// Who the client is has been found out, or it is not let in.
  mutating func authenticated(_ isAllowed: Bool, reason: String = "Forbidden") -> [Action] {
    guard state == .authenticating else { return [] }
    guard isAllowed else { return close(CloseCode.forbidden, reason) }
    state = .ready
    return [.send(Self.message("connection_ack"))]
  }

  /// The time for `connection_init` is over.
  mutating func initExpired() -> [Action] {
    state == .waiting ? close(CloseCode.initTimeout, "Connection initialisation timeout") : []
  }

  /// A response of an operation; nothing once the client has completed it.
  func next(_ id: String, _ response: ContiguousArray<UInt8>) -> [Action] {
    guard state == .ready, running.contains(id) else { return [] }
    return [.send(Self.raw("next", id, "payload", response))]
  }

  /// An operation was refused, or broke. `errors` is a JSON list.
  mutating func failed(_ id: String, errors: ContiguousArray<UInt8>) -> [Action] {
    guard state == .ready, running.remove(id) != nil else { return [] }
    return [.send(Self.raw("error", id, "payload", errors))]
  }

  mutating func completed(_ id: String) -> [Action] {
    guard state == .ready, running.remove(id) != nil else { return [] }
    return [.send(Self.message("complete") { $0["id"] = .string(id) })]
  }

  /// The connection ends, whoever ends it.
  mutating func closed() {
    state = .closed
    running = []
  }

  private mutating func close(_ code: UInt16, _ reason: String) -> [Action] {
    closed()
    return [.close(code: code, reason: reason)]
  }

  // MARK: Messages

  private static func message(
    _ type: String, _ add: (inout ValueObject) -> Void = { _ in }
  ) -> ContiguousArray<UInt8> {
    var object = ValueObject([ValueObject.Field(name: "type", value: .string(type))])
    add(&object)
    return ContiguousArray(Value.object(object).json.utf8)
  }

  private static func error(_ id: String, _ errors: [GraphQLError]) -> ContiguousArray<UInt8> {
    let output = OutputBuffer(capacity: 256)
    output.append("[")
    for (number, error) in errors.enumerated() {
      if number > 0 { output.append(",") }
      output.append(error)
    }
    output.append("]")
    return raw("error", id, "payload", ContiguousArray(output.bytes))
  }

  /// `payload` is JSON already.
  private static func raw(
    _ type: StaticString, _ id: String, _ key: StaticString, _ payload: ContiguousArray<UInt8>
  ) -> ContiguousArray<UInt8> {
    let output = OutputBuffer(capacity: payload.count + id.utf8.count + 64)
    output.append("{\"id\":")
    output.appendString(id)
    output.append(",\"type\":\"")
    output.append(type)
    output.append("\",\"")
    output.append(key)
    output.append("\":")
    output.append(payload)
    output.append("}")
    return ContiguousArray(output.bytes)
  }
}
