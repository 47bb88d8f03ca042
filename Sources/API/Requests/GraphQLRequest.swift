import GraphQL
import Millrace
import WorkflowEngine

/// A GraphQL request as a transport hands it over. Many hands pass it on, which costs less than copies of it.
public final class GraphQLRequest: @unchecked Sendable {  // completed by one transport, before it is handed on
  /// Empty when the document is only named.
  public var query: ContiguousArray<UInt8>
  public var operationName: String?
  public var variables: ValueObject
  /// Names a document that the server has. `sha256:` and the digest, or a name that its owner gave it.
  public var documentID: String?
  /// Digest of a document that was sent before, or that comes along to be kept: an automatic persisted query.
  public var documentHash: String?
  /// Whom the request acts for.
  public var user: User
  /// The same with name and group only.
  public var caller: Caller {
    get { user.caller }
    set { user = User(newValue) }
  }
  /// The value of `Accept-Language`.
  public var acceptLanguage: String?
  /// A text by which the client knows the request: its mutations are carried out once, however often it comes.
  public var idempotencyKey: String?
  /// Whether mutations are refused, as over GET.
  public var isReadOnly = false
  /// How the client names the operation among those that share a connection: `extensions.operationId`.
  public var operationID: String?
  /// Whether the transport carries several responses, as a subscription needs them.
  public var isStreamed = false
  /// Names the last event that the client has seen of this very subscription, over a transport that says so.
  public var lastEventID: String?
  /// The files that came along, by what stands for them among the variables.
  public var uploads: [String: Upload] = [:]
  /// Why mutations are refused where the transport could carry them, if they are.
  public var mutationRefusal: GraphQLError?

  public init(
    query: ContiguousArray<UInt8>, operationName: String? = nil, variables: ValueObject = ValueObject(),
    caller: Caller? = nil, acceptLanguage: String? = nil
  ) {
    self.query = query
    self.operationName = operationName
    self.variables = variables
    user = caller.map { User($0) } ?? .anonymous
    self.acceptLanguage = acceptLanguage
  }

  /// Whether the document is only named and does not come along.
  public var isPersisted: Bool { query.isEmpty }
}

extension GraphQLRequest {
  /// Reads the parameters of a request as a JSON object has them, whatever transport brought it. Null or nothing is the
  /// same for all that are optional; what is not known is passed over.
  ///
  /// Source: the GraphQL over HTTP specification, "Request Parameters"; its appendix on persisted documents; Apollo's
  /// automatic persisted queries for `extensions.persistedQuery`.
  ///
  /// - Parameter documentID: names the document, whatever the parameters say.
  /// - Throws: `BAD_REQUEST`, or a code of its own where a limit is passed.
  public convenience init(
    parameters: Value, documentID: String? = nil, limits: Limits
  ) throws(GraphQLError) {
    guard case .object(let object) = parameters else { throw Self.notParameters }
    let text = try Self.text(object["query"], Self.queryRule)
    try self.init(text.map { ContiguousArray($0.utf8) }, documentID, limits) { object[$0.description] }
  }

  /// The same of an element of a JSON text, without making values of what is not one.
  public convenience init(
    parameters: JSONValue, documentID: String? = nil, limits: Limits
  ) throws(GraphQLError) {
    guard parameters.kind == .object else { throw Self.notParameters }
    let query = parameters["query" as StaticString]
    guard query.map({ $0.isNull || $0.kind == .string }) != false else { throw Self.bad(Self.queryRule) }
    try self.init(query?.utf8, documentID, limits) { parameters[$0]?.value }
  }

  private static let notParameters = bad("The received data is not a valid JSON query.")
  private static let queryRule = "Must provide query string."

  private convenience init(
    _ query: ContiguousArray<UInt8>?, _ documentID: String?, _ limits: Limits, _ parameter: (StaticString) -> Value?
  ) throws(GraphQLError) {
    self.init(query: query ?? [])
    // `doc_id` is how clients of Relay say it.
    let name = parameter("documentId") ?? parameter("doc_id")
    self.documentID = documentID == nil ? try Self.text(name, "The document's id has to be a text.") : documentID
    if self.documentID?.isEmpty == true { self.documentID = nil }
    guard self.documentID == nil || self.query.isEmpty else {
      throw Self.bad("A request names a document or brings one, not both.")
    }
    try readExtensions(parameter("extensions"))
    operationName = try Self.text(parameter("operationName"), "The operation name has to be a text.")
    variables = try Self.object(parameter("variables"), "Variables", limits)
    guard !self.query.isEmpty || self.documentID != nil || documentHash != nil else { throw Self.bad(Self.queryRule) }
  }

  private func readExtensions(_ extensions: Value?) throws(GraphQLError) {
    switch extensions {
    case nil, .null?, .string("")?: break
    case .object(let extensions)?:
      if case .string(let id)? = extensions["operationId"] { operationID = id }
      if let persisted = extensions["persistedQuery"] { documentHash = try Self.hash(persisted) }
      if let key = try Self.text(extensions["idempotencyKey"], "The idempotency key has to be a text.") {
        guard Self.isIdempotencyKey(key) else { throw Self.bad(Self.idempotencyKeyRule) }
        idempotencyKey = key
      }
    default: throw Self.bad("Extensions have to be an object.")
    }
  }

  /// What an idempotency key is made of.
  public static let idempotencyKeyRule = "An idempotency key has 1 to 255 printable characters of ASCII."

  public static func isIdempotencyKey(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  private static func hash(_ persisted: Value) throws(GraphQLError) -> String? {
    if persisted.isNull { return nil }
    guard persisted["version"]?.int == 1 else { throw bad("Only version 1 of persisted queries is supported.") }
    guard let hash = persisted["sha256Hash"]?.string?.lowercased(), SHA256.isHex(hash) else {
      throw bad("The hash of a persisted query has to be 64 hexadecimal digits.")
    }
    return hash
  }

  private static func text(_ value: Value?, _ message: String) throws(GraphQLError) -> String? {
    switch value {
    case nil, .null?: return nil
    case .string(let text)?: return text
    default: throw bad(message)
    }
  }

  /// An object, or the JSON text of one.
  private static func object(_ value: Value?, _ name: String, _ limits: Limits) throws(GraphQLError) -> ValueObject {
    switch value {
    case nil, .null?, .string("")?: return ValueObject()
    case .object(let object)?: return object
    case .string(let text)?:
      let value = try json(ContiguousArray(text.utf8), limits, invalid: "\(name) are invalid JSON").value
      if case .object(let object) = value { return object }
      if value.isNull { return ValueObject() }
    default: break
    }
    throw bad("\(name) have to be an object.")
  }

  /// JSON that came with a request.
  ///
  /// - Parameter invalid: how the message begins if it is none.
  /// - Throws: `BAD_REQUEST`, or `VARIABLES_TOO_DEEP`: nothing else nests in a request.
  public static func json(
    _ text: ContiguousArray<UInt8>, _ limits: Limits, invalid: String
  ) throws(GraphQLError) -> JSONValue {
    do throws(JSONDocument.Failure) {
      return try JSONDocument(text, maxDepth: limits.maxRequestDepth).root
    } catch {
      guard !error.isTooDeep else {
        throw GraphQLError(
          "The request is nested deeper than \(limits.maxRequestDepth) levels.",
          code: GraphQLError.Code.variablesTooDeep)
      }
      throw bad("\(invalid): \(error.reason).")
    }
  }

  static func bad(_ message: String) -> GraphQLError { GraphQLError(message, code: "BAD_REQUEST") }
}

extension ValueObject {
  /// Checks what the variables of a request take.
  ///
  /// - Throws: `VARIABLES_TOO_DEEP` or `VARIABLES_TOO_LARGE`.
  func check(_ limits: Limits) throws(GraphQLError) {
    var room = limits.maxVariableBytes
    for field in fields { try Self.check(field, limits.maxJSONDepth - 1, &room, limits) }
  }

  private static func check(
    _ field: Field, _ depth: Int, _ room: inout Int, _ limits: Limits
  ) throws(GraphQLError) {
    room -= field.name.utf8.count
    try check(field.value, depth, &room, limits)
  }

  private static func check(
    _ value: Value, _ depth: Int, _ room: inout Int, _ limits: Limits
  ) throws(GraphQLError) {
    room -= 16
    if case .string(let text) = value { room -= text.utf8.count }
    guard room >= 0 else {
      throw GraphQLError(
        "The variables take more than \(limits.maxVariableBytes) bytes.", code: GraphQLError.Code.variablesTooLarge)
    }
    let isNested: Bool =
      switch value {
      case .list, .object: true
      default: false
      }
    guard isNested else { return }
    guard depth > 0 else {
      throw GraphQLError(
        "The variables are nested deeper than \(limits.maxJSONDepth) levels.", code: GraphQLError.Code.variablesTooDeep)
    }
    if case .list(let items) = value {
      for item in items { try check(item, depth - 1, &room, limits) }
    } else if case .object(let object) = value {
      for field in object.fields { try check(field, depth - 1, &room, limits) }
    }
  }
}
