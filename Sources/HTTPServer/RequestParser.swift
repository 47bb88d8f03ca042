import CLlhttp

/// Puts requests together from bytes. The grammar is llhttp's; the limits are ours.
final class RequestParser {
  /// Why a request cannot be answered by a handler.
  struct Failure: Error, Equatable {
    let status: Int
    let code: String
    let message: String
  }

  private let parser = UnsafeMutablePointer<llhttp_t>.allocate(capacity: 1)
  private let settings = UnsafeMutablePointer<llhttp_settings_t>.allocate(capacity: 1)
  private let configuration: HTTPServerConfiguration
  private var request = HTTPRequest()
  private var failure: Failure?
  private var isInValue = false
  private(set) var isInHeader = false
  private(set) var isInBody = false
  /// The client waits for leave to send its body.
  private(set) var expectsContinue = false
  private var finished: [HTTPRequest] = []

  init(_ configuration: HTTPServerConfiguration) {
    self.configuration = configuration
    llhttp_settings_init(settings)
    settings.pointee.on_message_begin = { RequestParser.of($0) { $0.begin() } }
    settings.pointee.on_url = { parser, at, length in RequestParser.of(parser) { $0.url(at, length) } }
    settings.pointee.on_header_field = { parser, at, length in RequestParser.of(parser) { $0.field(at, length) } }
    settings.pointee.on_header_value = { parser, at, length in RequestParser.of(parser) { $0.value(at, length) } }
    settings.pointee.on_headers_complete = { RequestParser.of($0) { $0.headersComplete() } }
    settings.pointee.on_body = { parser, at, length in RequestParser.of(parser) { $0.body(at, length) } }
    settings.pointee.on_message_complete = { RequestParser.of($0) { $0.messageComplete() } }
    llhttp_init(parser, HTTP_REQUEST, settings)
    parser.pointee.data = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit {
    parser.deallocate()
    settings.deallocate()
  }

  private static func of(
    _ parser: UnsafeMutablePointer<llhttp_t>?, _ body: (RequestParser) -> Bool
  ) -> Int32 {
    guard let data = parser?.pointee.data else { return -1 }
    return body(Unmanaged<RequestParser>.fromOpaque(data).takeUnretainedValue()) ? 0 : -1
  }

  /// Reads bytes and answers the requests that are complete with them.
  ///
  /// - Throws: what is wrong with the request at hand; the connection cannot be used for another.
  func read(_ bytes: UnsafeRawBufferPointer) -> (requests: [HTTPRequest], failure: Failure?) {
    finished = []
    let code = llhttp_execute(parser, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
    if code != HPE_OK, failure == nil { failure = Self.failure(code, parser) }
    return (finished, failure)
  }

  private static func failure(_ code: llhttp_errno_t, _ parser: UnsafeMutablePointer<llhttp_t>) -> Failure {
    switch code {
    case HPE_INVALID_TRANSFER_ENCODING:
      return Failure(status: 501, code: "NOT_IMPLEMENTED", message: "This transfer encoding is not supported.")
    case HPE_INVALID_VERSION:
      return Failure(status: 505, code: "BAD_REQUEST", message: "This version of HTTP is not supported.")
    case HPE_INVALID_METHOD:
      return Failure(status: 501, code: "NOT_IMPLEMENTED", message: "This method is not supported.")
    case HPE_PAUSED_UPGRADE, HPE_PAUSED_H2_UPGRADE:
      return Failure(status: 501, code: "NOT_IMPLEMENTED", message: "This upgrade is not supported.")
    default:
      return Failure(status: 400, code: "BAD_REQUEST", message: "The request is not valid HTTP.")
    }
  }

  private func fail(_ status: Int, _ code: String, _ message: String) -> Bool {
    if failure == nil { failure = Failure(status: status, code: code, message: message) }
    return false
  }

  // MARK: llhttp's callbacks; false ends the parsing

  private func begin() -> Bool {
    request = HTTPRequest()
    isInHeader = true
    isInBody = false
    isInValue = false
    expectsContinue = false
    return true
  }

  private func append(_ at: UnsafePointer<CChar>?, _ length: Int) {
    request.storage.append(contentsOf: UnsafeRawBufferPointer(start: at, count: length))
  }

  private func url(_ at: UnsafePointer<CChar>?, _ length: Int) -> Bool {
    append(at, length)
    request.target = 0..<request.storage.count
    guard request.target.count <= configuration.maximumTargetBytes else {
      return fail(414, "URI_TOO_LONG", "The request's target is too long.")
    }
    return true
  }

  private func field(_ at: UnsafePointer<CChar>?, _ length: Int) -> Bool {
    if isInValue || request.fields.isEmpty {
      let start = request.storage.count
      request.fields.append((start..<start, start..<start))
      isInValue = false
    }
    append(at, length)
    let index = request.fields.count - 1
    request.fields[index].name = request.fields[index].name.lowerBound..<request.storage.count
    return headerFits()
  }

  private func value(_ at: UnsafePointer<CChar>?, _ length: Int) -> Bool {
    let index = request.fields.count - 1
    guard index >= 0 else { return fail(400, "BAD_REQUEST", "The request is not valid HTTP.") }
    if !isInValue {
      isInValue = true
      request.fields[index].value = request.storage.count..<request.storage.count
    }
    append(at, length)
    request.fields[index].value = request.fields[index].value.lowerBound..<request.storage.count
    return headerFits()
  }

  private func headerFits() -> Bool {
    guard request.storage.count - request.target.count <= configuration.maximumHeaderBytes,
      request.fields.count <= configuration.maximumHeaderFields
    else { return fail(431, "HEADER_TOO_LARGE", "The request's header is too large.") }
    return true
  }

  private func headersComplete() -> Bool {
    isInHeader = false
    isInBody = true
    request.bodyStart = request.storage.count
    request.method =
      switch llhttp_method_t(rawValue: UInt32(parser.pointee.method)) {
      case HTTP_GET: .get
      case HTTP_HEAD: .head
      case HTTP_POST: .post
      case HTTP_PUT: .put
      case HTTP_DELETE: .delete
      case HTTP_OPTIONS: .options
      case HTTP_PATCH: .patch
      default: .other
      }
    guard parser.pointee.http_major == 1, parser.pointee.http_minor <= 1 else {
      return fail(505, "BAD_REQUEST", "This version of HTTP is not supported.")
    }
    request.isHTTP10 = parser.pointee.http_minor == 0
    guard request.isHTTP10 || request.header("host") != nil else {
      return fail(400, "BAD_REQUEST", "The request names no host.")
    }
    if let encoding = request.header("transfer-encoding"), encoding.lowercased() != "chunked" {
      return fail(501, "NOT_IMPLEMENTED", "This transfer encoding is not supported.")
    }
    if request.header("content-length") != nil, parser.pointee.content_length > UInt64(configuration.maximumBodyBytes) {
      return tooLarge()
    }
    if let expectation = request.header("expect") {
      guard expectation.lowercased() == "100-continue" else {
        return fail(417, "BAD_REQUEST", "This expectation cannot be met.")
      }
      expectsContinue = !request.isHTTP10
    }
    let needsLength = request.method == .post || request.method == .put || request.method == .patch
    if needsLength, request.header("content-length") == nil, request.header("transfer-encoding") == nil {
      return fail(411, "LENGTH_REQUIRED", "The request has to say how long its body is.")
    }
    return true
  }

  private func tooLarge() -> Bool {
    fail(413, "BODY_TOO_LARGE", "The body is larger than \(configuration.maximumBodyBytes) bytes.")
  }

  private func body(_ at: UnsafePointer<CChar>?, _ length: Int) -> Bool {
    expectsContinue = false
    append(at, length)
    return request.bodyCount <= configuration.maximumBodyBytes ? true : tooLarge()
  }

  private func messageComplete() -> Bool {
    isInBody = false
    expectsContinue = false
    request.keepsAlive = llhttp_should_keep_alive(parser) == 1
    finished.append(request)
    request = HTTPRequest()
    return true
  }
}
