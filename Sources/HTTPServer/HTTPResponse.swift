/// An answer: status, header fields and a body of known length.
public struct HTTPResponse: Sendable {
  public var status: Int
  public var fields: [(name: String, value: String)]
  public var body: ContiguousArray<UInt8>

  public init(status: Int, fields: [(name: String, value: String)] = [], body: ContiguousArray<UInt8> = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  public init(status: Int, contentType: String, text: String) {
    self.init(status: status, fields: [("content-type", contentType)], body: ContiguousArray(text.utf8))
  }

  /// An answer about a request that could not be understood, in the shape of every other error.
  public static func failure(status: Int, code: String, message: String) -> HTTPResponse {
    var response = HTTPResponse(
      status: status, contentType: "application/json; charset=utf-8",
      text: "{\"errors\":[{\"message\":\"\(message)\",\"extensions\":{\"code\":\"\(code)\"}}]}")
    // Caches may keep 404, 405, 414 and 501 unless they are told not to (RFC 9110, section 15.1).
    response.fields.append(("cache-control", "no-store"))
    return response
  }

  /// Writes the status and the date, without the end of its line.
  static func beginHead(_ status: Int, at date: ContiguousArray<UInt8>, to output: inout ContiguousArray<UInt8>) {
    output.append(text: "HTTP/1.1 ")
    output.append(decimal: status)
    output.append(UInt8(ascii: " "))
    output.append(text: reason(status))
    output.append(text: "\r\ndate: ")
    output.append(contentsOf: date)
  }

  static func reason(_ status: Int) -> StaticString {
    switch status {
    case 100: "Continue"
    case 101: "Switching Protocols"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 294: "Partial Success"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 411: "Length Required"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 426: "Upgrade Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    case 507: "Insufficient Storage"
    default: "Status"
    }
  }
}
