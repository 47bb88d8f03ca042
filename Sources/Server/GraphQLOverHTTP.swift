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
  ) -> Result<Content, Rejection> {
    let verdict = protection.verdict(request, origins: origins)
    guard verdict == .all || verdict == .queries && !request.header("content-type", begins: "multipart/") else {
      return .failure(Rejection(CSRFProtection.refusal))
    }
    return IdempotencyKeyHeader.mark(request) {
      read(request, documentID: documentID, limits: limits)
    }.map { content in
      guard verdict == .queries, case .one(var read) = content else { return content }
      read.mutationRefusal = CSRFProtection.refusal
      return .one(read)
    }
  }

  /// - Parameter documentID: from the address.
  static func read(
    _ request: HTTPRequest, documentID: String? = nil, limits: Limits
  ) -> Result<Content, Rejection> {
    switch request.method {
    case .get, .head:
      return fields(FormFields.parse(request.query ?? ""), documentID, limits).map { read in
        var read = read
        read.isReadOnly = true
        return .one(read)
      }
    case .post:
      if let coding = request.header("content-encoding"), coding.lowercased() != "identity" {
        return .failure(
          Rejection(
            415, "UNSUPPORTED_MEDIA_TYPE", "The body must not be compressed.",
            fields: [("accept-encoding", "identity")]))
      }
      return body(of: request, documentID, limits)
    case .delete:
      return .failure(
        Rejection(
          400, "BAD_REQUEST",
          "DELETE ends an operation of an event stream: say which stream in X-GraphQL-Event-Stream-Token."))
    default:
      return .failure(
        Rejection(
          405, "METHOD_NOT_ALLOWED", "GraphQL only supports GET and POST requests.", fields: [("allow", methods)]))
    }
  }

  private static func body(
    of request: HTTPRequest, _ documentID: String?, _ limits: Limits
  ) -> Result<Content, Rejection> {
    let type = MediaType(request.header("content-type"))
    guard type?.isUTF8 != false else {
      return .failure(Rejection(415, "UNSUPPORTED_MEDIA_TYPE", "The body has to be encoded in UTF-8."))
    }
    switch type?.name {
    case "application/json":
      return json(request, documentID, limits)
    case "application/graphql":
      return .success(.one(GraphQLRequest(query: request.withBody { ContiguousArray($0) })))
    case "application/x-www-form-urlencoded":
      let text = request.withBody { String(decoding: $0, as: UTF8.self) }
      return fields(FormFields.parse(text), documentID, limits).map { .one($0) }
    case "multipart/form-data":
      return .failure(
        Rejection(
          415, "UNSUPPORTED_MEDIA_TYPE",
          "Files are not taken here, or the body has no parts: see the GraphQL multipart request specification."))
    case "text/plain", nil:
      // A page of any origin can send these without asking first; they never carry a query.
      return .failure(Rejection(400, "BAD_REQUEST", "Must provide query string: send it as application/json."))
    default:
      return .failure(
        Rejection(415, "UNSUPPORTED_MEDIA_TYPE", "The body has to be sent as application/json."))
    }
  }

  private static func json(
    _ request: HTTPRequest, _ documentID: String?, _ limits: Limits
  ) -> Result<Content, Rejection> {
    do throws(GraphQLError) {
      let text = request.withBody { ContiguousArray($0) }
      let value = try GraphQLRequest.json(text, limits, invalid: "POST body sent invalid JSON")
      return parameters(value, documentID, limits)
    } catch {
      // What is no JSON at all is 400 in every profile.
      let isJSON = error.code != "BAD_REQUEST"
      return .failure(isJSON ? Rejection(error) : Rejection(400, "BAD_REQUEST", error.message))
    }
  }

  /// One request, or a batch.
  private static func parameters(
    _ value: Value, _ documentID: String?, _ limits: Limits
  ) -> Result<Content, Rejection> {
    if case .list(let items) = value, documentID == nil {
      return .success(.batch(items.map { read($0, nil, limits) }))
    }
    return read(value, documentID, limits).map { .one($0) }.mapError { Rejection($0) }
  }

  /// What came with files.
  static func read(
    _ content: UploadReceiver.Content, documentID: String? = nil, limits: Limits
  ) -> Result<Content, Rejection> {
    parameters(content.operations, documentID, limits).map { found in
      switch found {
      case .one(var request):
        request.uploads = content.uploads
        return .one(request)
      case .batch(let requests):
        return .batch(
          requests.map { request in
            request.map { request in
              var request = request
              request.uploads = content.uploads
              return request
            }
          })
      }
    }
  }

  private static func read(
    _ value: Value, _ documentID: String?, _ limits: Limits
  ) -> Result<GraphQLRequest, GraphQLError> {
    var value = value
    if let documentID, case .object(var object) = value {
      object["documentId"] = .string(documentID)
      value = .object(object)
    }
    do throws(GraphQLError) {
      return .success(try GraphQLRequest(parameters: value, limits: limits))
    } catch {
      return .failure(error)
    }
  }

  private static func fields(
    _ fields: [String: String], _ documentID: String?, _ limits: Limits
  ) -> Result<GraphQLRequest, Rejection> {
    var object = ValueObject()
    for name in ["query", "operationName", "variables", "documentId", "doc_id"] {
      if let text = fields[name], !text.isEmpty { object[name] = .string(text) }
    }
    if let text = fields["extensions"], !text.isEmpty {
      do throws(GraphQLError) {
        let json = ContiguousArray(text.utf8)
        object["extensions"] = try GraphQLRequest.json(json, limits, invalid: "Extensions are invalid JSON")
      } catch {
        return .failure(Rejection(error))
      }
    }
    return read(.object(object), documentID, limits).mapError { Rejection($0) }
  }
}
