/// Why a request never reaches a handler: its status, code and message, which the client gets.
package enum RequestFailure: Error, Hashable {
  case malformed
  case missingHost
  case timeout
  case lengthRequired
  case bodyTooLarge(limit: Int)
  case bodyRefused(HTTPRefusal)
  case targetTooLong
  case expectationFailed
  case headerTooLarge
  case unknownMethod
  case unknownTransferEncoding
  case unknownVersion
  case tooManyConnections

  var status: Int {
    switch self {
    case .malformed, .missingHost: 400
    case .timeout: 408
    case .lengthRequired: 411
    case .bodyTooLarge: 413
    case .bodyRefused(let refusal): refusal.status
    case .targetTooLong: 414
    case .expectationFailed: 417
    case .headerTooLarge: 431
    case .unknownMethod, .unknownTransferEncoding: 501
    case .tooManyConnections: 503
    case .unknownVersion: 505
    }
  }

  var code: String {
    switch self {
    case .malformed, .missingHost: "BAD_REQUEST"
    case .timeout: "REQUEST_TIMEOUT"
    case .lengthRequired: "LENGTH_REQUIRED"
    case .bodyTooLarge: "BODY_TOO_LARGE"
    case .bodyRefused(let refusal): refusal.code
    case .targetTooLong: "URI_TOO_LONG"
    case .expectationFailed: "EXPECTATION_FAILED"
    case .headerTooLarge: "HEADER_TOO_LARGE"
    case .unknownMethod, .unknownTransferEncoding: "NOT_IMPLEMENTED"
    case .tooManyConnections: "TOO_MANY_CONNECTIONS"
    case .unknownVersion: "HTTP_VERSION_NOT_SUPPORTED"
    }
  }

  var message: String {
    switch self {
    case .malformed: "The request is not valid HTTP."
    case .missingHost: "The request has to name one host."
    case .timeout: "The request did not arrive in time."
    case .lengthRequired: "The request has to say how long its body is."
    case .bodyTooLarge(let limit): "The body is larger than \(limit) bytes."
    case .bodyRefused(let refusal): refusal.message
    case .targetTooLong: "The request's target is too long."
    case .expectationFailed: "This expectation cannot be met."
    case .headerTooLarge: "The request's header is too large."
    case .unknownMethod: "This method is not supported."
    case .unknownTransferEncoding: "This transfer encoding is not supported."
    case .tooManyConnections: "The server has no room for another connection."
    case .unknownVersion: "This version of HTTP is not supported."
    }
  }

  var response: HTTPResponse {
    var response = HTTPResponse.failure(status: status, code: code, message: message)
    if self == .tooManyConnections { response.fields.append(("retry-after", "1")) }
    return response
  }
}
