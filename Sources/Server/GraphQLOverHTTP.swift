import API
import GraphQL
import HTTPServer

/// GraphQL requests in HTTP requests, and responses in responses.
///
/// Source: the GraphQL over HTTP specification; forms and `application/graphql` as Caluma takes them.
enum GraphQLOverHTTP {
  // MARK: Requests

  static func read(_ request: HTTPRequest, limits: Limits) -> Result<GraphQLRequest, Rejection> {
    switch request.method {
    case .get, .head:
      return fields(FormFields.parse(request.query ?? ""), limits).map { read in
        var read = read
        read.isReadOnly = true
        return read
      }
    case .post:
      return body(of: request, limits)
    default:
      return .failure(
        Rejection(
          405, "METHOD_NOT_ALLOWED", "GraphQL only supports GET and POST requests.",
          fields: [("allow", "GET, POST, OPTIONS")]))
    }
  }

  private static func body(of request: HTTPRequest, _ limits: Limits) -> Result<GraphQLRequest, Rejection> {
    let type = (request.header("content-type") ?? "").prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    switch type {
    case "application/json":
      return json(request, limits)
    case "application/graphql":
      return .success(GraphQLRequest(query: request.withBody { ContiguousArray($0) }))
    case "application/x-www-form-urlencoded":
      return fields(FormFields.parse(request.withBody { String(decoding: $0, as: UTF8.self) }), limits)
    case "text/plain", "":
      // A page of any origin can send these without asking first; they never carry a query.
      return .failure(bad("Must provide query string: send it as application/json."))
    default:
      return .failure(
        Rejection(415, "UNSUPPORTED_MEDIA_TYPE", "The body has to be sent as application/json."))
    }
  }

  private static func bad(_ message: String) -> Rejection {
    Rejection(400, "BAD_REQUEST", message)
  }

  private static func json(_ request: HTTPRequest, _ limits: Limits) -> Result<GraphQLRequest, Rejection> {
    let parsed = request.withBody { bytes -> Result<Value, Rejection> in
      do throws(JSONDocument.Failure) {
        let text = ContiguousArray(bytes)
        return .success(try JSONDocument(text, maxDepth: limits.maxJSONDepth + 2).root.value)
      } catch {
        return .failure(bad("POST body sent invalid JSON. \(error.message)"))
      }
    }
    return parsed.flatMap { value in
      guard case .object = value else {
        return .failure(bad("The received data is not a valid JSON query."))
      }
      return make(
        query: value["query"], operationName: value["operationName"], variables: value["variables"], limits)
    }
  }

  private static func fields(
    _ fields: [String: String], _ limits: Limits
  ) -> Result<GraphQLRequest, Rejection> {
    make(
      query: fields["query"].map { .string($0) },
      operationName: fields["operationName"].flatMap { $0.isEmpty ? nil : .string($0) },
      variables: fields["variables"].flatMap { $0.isEmpty ? nil : .string($0) }, limits)
  }

  private static func make(
    query: Value?, operationName: Value?, variables: Value?, _ limits: Limits
  ) -> Result<GraphQLRequest, Rejection> {
    guard case .string(let text)? = query, !text.isEmpty else { return .failure(bad("Must provide query string.")) }
    var request = GraphQLRequest(query: ContiguousArray(text.utf8))
    switch operationName {
    case nil, .null?: break
    case .string(let name)?: request.operationName = name
    default: return .failure(bad("The operation name has to be a text."))
    }
    switch variables {
    case nil, .null?: break
    case .object(let object)?: request.variables = object
    case .string(let text)?:
      do throws(JSONDocument.Failure) {
        let value = try JSONDocument(text, maxDepth: limits.maxJSONDepth).root.value
        guard case .object(let object) = value else { return .failure(bad("Variables are invalid JSON.")) }
        request.variables = object
      } catch {
        return .failure(bad("Variables are invalid JSON."))
      }
    default: return .failure(bad("Variables have to be an object."))
    }
    return .success(request)
  }

  // MARK: Responses

  static func response(_ response: GraphQLResponse) -> HTTPResponse {
    var fields = [(name: "content-type", value: "application/json; charset=utf-8")]
    let status: Int
    switch response.outcome {
    case .executed: status = 200
    case .rejected: status = 400
    case .readOnly:
      status = 405
      fields.append(("allow", "POST"))
    case .unavailable:
      status = 503
      fields.append(("retry-after", "1"))
    }
    return HTTPResponse(status: status, fields: fields, body: response.body)
  }

  static func errors(_ errors: [GraphQLError], status: Int) -> HTTPResponse {
    HTTPResponse(
      status: status, fields: [("content-type", "application/json; charset=utf-8")],
      body: GraphQLService.failed(errors, .rejected).body)
  }
}

/// Fields of a form or a query.
///
/// Source: WHATWG URL, "application/x-www-form-urlencoded parsing".
enum FormFields {
  static func parse(_ text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      fields[decode(parts[0])] = parts.count > 1 ? decode(parts[1]) : ""
    }
    return fields
  }

  private static func decode(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "+") {
        bytes.append(0x20)
      } else if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
