import API
import GraphQL
import HTTPServer

/// GraphQL requests in HTTP requests.
///
/// Source: the GraphQL over HTTP specification; forms and `application/graphql` as Caluma takes them.
enum GraphQLOverHTTP {
  /// What a request brings.
  enum Content {
    case one(GraphQLRequest)
    /// Each request of a batch, or what is wrong with its parameters.
    case batch([Result<GraphQLRequest, GraphQLError>])

    /// Completes those that could be read.
    func complete(_ body: (GraphQLRequest) -> Void) {
      switch self {
      case .one(let request): body(request)
      case .batch(let requests): for case .success(let request) in requests { body(request) }
      }
    }
  }

  /// What the address takes; `PUT` and `DELETE` are for event streams.
  static let methods = "GET, HEAD, POST, PUT, DELETE, OPTIONS"

  /// What the request brings, marked with what it may not do.
  ///
  /// - Parameters:
  ///   - documentID: from the address.
  ///   - origins: whose pages may send requests.
  static func admit(
    _ request: HTTPRequest, documentID: String? = nil, limits: Limits, protection: CSRFProtection, origins: [String]
  ) throws(Rejection) -> Content {
    let verdict = protection.verdict(request, origins: origins)
    guard verdict == .all || verdict == .queries && !request.header("content-type", begins: "multipart/") else {
      throw Rejection(CSRFProtection.refusal)
    }
    let key = try IdempotencyKeyHeader.read(request)
    let content = try read(request, documentID, limits)
    if let key { try IdempotencyKeyHeader.apply(key, to: content) }
    if verdict == .queries, case .one(let read) = content { read.mutationRefusal = CSRFProtection.refusal }
    return content
  }

  /// The same of a request that came with files, whose body was admitted when it began.
  static func admit(
    _ upload: UploadReceiver.Content, of request: HTTPRequest, documentID: String?, limits: Limits
  ) throws(Rejection) -> Content {
    let key = try IdempotencyKeyHeader.read(request)
    let content = try parameters(upload.operations, documentID, limits)
    content.complete { $0.uploads = upload.uploads }
    if let key { try IdempotencyKeyHeader.apply(key, to: content) }
    return content
  }

  private static func read(
    _ request: HTTPRequest, _ documentID: String?, _ limits: Limits
  ) throws(Rejection) -> Content {
    switch request.method {
    case .get, .head:
      let content = try fields(FormFields.parse(request.query ?? ""), documentID, limits)
      content.complete { $0.isReadOnly = true }
      return content
    case .post:
      if let coding = request.header("content-encoding"), coding.lowercased() != "identity" {
        throw Rejection(
          415, "UNSUPPORTED_MEDIA_TYPE", "The body must not be compressed.", fields: [("accept-encoding", "identity")])
      }
      return try body(of: request, documentID, limits)
    case .delete:
      throw Rejection(
        400, "BAD_REQUEST",
        "DELETE ends an operation of an event stream: say which stream in X-GraphQL-Event-Stream-Token.")
    default:
      throw Rejection(
        405, "METHOD_NOT_ALLOWED", "GraphQL only supports GET and POST requests.", fields: [("allow", methods)])
    }
  }

  private static func body(
    of request: HTTPRequest, _ documentID: String?, _ limits: Limits
  ) throws(Rejection) -> Content {
    let type = MediaType(request.header("content-type"))
    guard type?.isUTF8 != false else {
      throw Rejection(415, "UNSUPPORTED_MEDIA_TYPE", "The body has to be encoded in UTF-8.")
    }
    switch type?.name {
    case "application/json":
      return try json(request, documentID, limits)
    case "application/graphql":
      return .one(GraphQLRequest(query: request.withBody { ContiguousArray($0) }))
    case "application/x-www-form-urlencoded":
      let text = request.withBody { String(decoding: $0, as: UTF8.self) }
      return try fields(FormFields.parse(text), documentID, limits)
    case "multipart/form-data":
      throw Rejection(
        415, "UNSUPPORTED_MEDIA_TYPE",
        "Files are not taken here, or the body has no parts: see the GraphQL multipart request specification.")
    case "text/plain", nil:
      // A page of any origin can send these without asking first; they never carry a query.
      throw Rejection(400, "BAD_REQUEST", "Must provide query string: send it as application/json.")
    default:
      throw Rejection(415, "UNSUPPORTED_MEDIA_TYPE", "The body has to be sent as application/json.")
    }
  }

  private static func json(
    _ request: HTTPRequest, _ documentID: String?, _ limits: Limits
  ) throws(Rejection) -> Content {
    let json: JSONValue
    do throws(GraphQLError) {
      let text = request.withBody { ContiguousArray($0) }
      json = try GraphQLRequest.json(text, limits, invalid: "POST body sent invalid JSON")
    } catch {
      // What is no JSON at all is 400 in every profile.
      throw error.code == "BAD_REQUEST" ? Rejection(400, "BAD_REQUEST", error.message) : Rejection(error)
    }
    if json.kind == .array, documentID == nil {
      return .batch(
        json.items.map { item in
          Result { () throws(GraphQLError) in try GraphQLRequest(parameters: item, limits: limits) }
        })
    }
    return try one { () throws(GraphQLError) in
      try GraphQLRequest(parameters: json, documentID: documentID, limits: limits)
    }
  }

  /// One request, or a batch.
  private static func parameters(
    _ value: Value, _ documentID: String?, _ limits: Limits
  ) throws(Rejection) -> Content {
    if case .list(let items) = value, documentID == nil {
      return .batch(
        items.map { item in
          Result { () throws(GraphQLError) in try GraphQLRequest(parameters: item, limits: limits) }
        })
    }
    return try one { () throws(GraphQLError) in
      try GraphQLRequest(parameters: value, documentID: documentID, limits: limits)
    }
  }

  private static func one(_ read: () throws(GraphQLError) -> GraphQLRequest) throws(Rejection) -> Content {
    do throws(GraphQLError) {
      return .one(try read())
    } catch {
      throw Rejection(error)
    }
  }

  private static func fields(
    _ fields: [String: String], _ documentID: String?, _ limits: Limits
  ) throws(Rejection) -> Content {
    var object = ValueObject()
    for name in ["query", "operationName", "variables", "documentId", "doc_id"] {
      if let text = fields[name], !text.isEmpty { object[name] = .string(text) }
    }
    if let text = fields["extensions"], !text.isEmpty {
      do throws(GraphQLError) {
        let json = ContiguousArray(text.utf8)
        object["extensions"] = try GraphQLRequest.json(json, limits, invalid: "Extensions are invalid JSON").value
      } catch {
        throw Rejection(error)
      }
    }
    return try parameters(.object(object), documentID, limits)
  }
}
