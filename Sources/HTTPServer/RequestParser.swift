import CLlhttp

/// Puts requests together from bytes. The grammar is llhttp's; the limits are ours.
package final class RequestParser {
  package enum Outcome {
    /// All bytes are taken, and the request is not complete.
    case needsMore
    case request(HTTPRequest)
    /// The connection cannot be used for another request.
    case failure(RequestFailure)
  }

  private let parser = UnsafeMutablePointer<llhttp_t>.allocate(capacity: 1)
  private let settings = UnsafeMutablePointer<llhttp_settings_t>.allocate(capacity: 1)
  private let configuration: HTTPServerConfiguration
  /// Used again for the next request when nobody else holds it any more.
  private var request = HTTPRequest()
  private var finished: HTTPRequest?
  private var failure: RequestFailure?
  /// The fields make a request that is not taken.
  private var headerIsRefused = false
  private var isPaused = false
  private var lines = FieldLines()
  /// Where the last name or value ended, within the bytes being read.
  private var cursor: UnsafeRawPointer?
  /// Where the fields begin that the request does not hold yet, within the bytes being read. It takes them in one piece,
  /// which costs less than a copy of every name and value.
  private var fieldsStart: UnsafeRawPointer?
  /// Bytes of the header, or of the trailers, with everything between the fields.
  private var headerBytes = 0
  private(set) var isInHeader = false
  private(set) var isInBody = false
  /// The client waits for leave to send its body.
  private(set) var expectsContinue = false
  /// Asked at the end of a header who takes the body in parts.
  private let bodyReceiver: (HTTPRequest) -> (any HTTPBodyReceiver)?
  private(set) var receiver: (any HTTPBodyReceiver)?
  /// Bytes that the receiver was given.
  private(set) var streamedBytes = 0

  package init(
    _ configuration: HTTPServerConfiguration,
    bodyReceiver: @escaping (HTTPRequest) -> (any HTTPBodyReceiver)? = { _ in nil }
  ) {
    self.configuration = configuration
    self.bodyReceiver = bodyReceiver
    llhttp_settings_init(settings)
    settings.pointee.on_message_begin = { RequestParser.of($0) { $0.begin() } }
    settings.pointee.on_url = { parser, at, length in RequestParser.of(parser) { $0.url(at, length) } }
    settings.pointee.on_header_field = { parser, at, length in RequestParser.of(parser) { $0.field(at, length) } }
    settings.pointee.on_header_value = { parser, at, length in RequestParser.of(parser) { $0.value(at, length) } }
    settings.pointee.on_headers_complete = { RequestParser.of($0) { $0.headersComplete() } }
    settings.pointee.on_body = { parser, at, length in RequestParser.of(parser) { $0.body(at, length) } }
    settings.pointee.on_message_complete = { parser in
      // One request at a time: how many are taken is the connection's business.
      RequestParser.of(parser) { $0.messageComplete() } == 0 ? Int32(HPE_PAUSED.rawValue) : -1
    }
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
    return Unmanaged<RequestParser>.fromOpaque(data)._withUnsafeGuaranteedRef { body($0) } ? 0 : -1
  }

  /// A request has begun and is not complete.
  var isWithinRequest: Bool { isInHeader || isInBody }

  /// Whoever took the body that is complete now, or was given up.
  @discardableResult
  func takeReceiver() -> (any HTTPBodyReceiver)? {
    defer { receiver = nil }
    return receiver
  }

  private var maximumBodyBytes: Int { receiver?.maximumBytes ?? configuration.maximumBodyBytes }

  func continueSent() {
    expectsContinue = false
  }

  /// Reads up to the end of a request. Answers how many bytes it took.
  package func read(_ bytes: UnsafeRawBufferPointer) -> (count: Int, outcome: Outcome) {
    guard let start = bytes.baseAddress else { return (0, .needsMore) }
    if isPaused {
      isPaused = false
      llhttp_resume(parser)
    }
    cursor = start
    fieldsStart = isInHeader && lines.isWithin ? start : nil
    let code = llhttp_execute(parser, start.assumingMemoryBound(to: CChar.self), bytes.count)
    var count = bytes.count
    if code == HPE_PAUSED, let end = llhttp_get_error_pos(parser) {
      isPaused = true
      count = UnsafeRawPointer(end) - start
    }
    if code == HPE_OK || isPaused {
      _ = gap(upTo: start + count)
      if isInHeader { takeFields(upTo: start + count) }
    } else if headerIsRefused, let end = llhttp_get_error_pos(parser) {
      // What stands before the header's end was not looked at yet. It comes first, as when it comes in pieces.
      let reason = failure
      failure = nil
      _ = gap(upTo: UnsafeRawPointer(end))
      failure = failure ?? reason
    }
    cursor = nil
    if let failure { return (count, .failure(failure)) }
    guard code == HPE_OK || isPaused else {
      let failure = Self.failure(code)
      return (count, .failure(failure == .unknownMethod && !Self.beginsLikeRequest(bytes) ? .malformed : failure))
    }
    guard let request = finished else { return (count, .needsMore) }
    finished = nil
    guard lines.isComplete else { return (count, .failure(.malformed)) }
    return (count, .request(request))
  }

  private static func failure(_ code: llhttp_errno_t) -> RequestFailure {
    switch code {
    case HPE_INVALID_TRANSFER_ENCODING: .unknownTransferEncoding
    case HPE_INVALID_VERSION, HPE_PAUSED_H2_UPGRADE: .unknownVersion
    case HPE_INVALID_METHOD: .unknownMethod
    default: .malformed
    }
  }

  /// Whether bytes that begin with no known method may be a request all the same: a word in capitals, and a blank
  /// behind it unless there is nothing. What is no HTTP at all, such as a TLS handshake, is not.
  private static func beginsLikeRequest(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let line = bytes.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    let word = line.prefix { $0 &- UInt8(ascii: "A") < 26 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    guard !word.isEmpty, word.count <= 32 else { return false }
    return word.endIndex == line.endIndex || line[word.endIndex] == UInt8(ascii: " ")
  }

  private func fail(_ failure: RequestFailure) -> Bool {
    if self.failure == nil { self.failure = failure }
    return false
  }

  // MARK: llhttp's callbacks; false ends the parsing

  private func begin() -> Bool {
    if !isKnownUniquelyReferenced(&request) || !request.reset() { request = HTTPRequest() }
    lines = FieldLines()
    headerBytes = 0
    isInHeader = true
    isInBody = false
    expectsContinue = false
    return true
  }

  /// Gives the request the bytes of its fields up to here.
  private func takeFields(upTo end: UnsafeRawPointer?) {
    guard let start = fieldsStart, let end else { return }
    request.storage.append(contentsOf: UnsafeRawBufferPointer(start: start, count: end - start))
    fieldsStart = nil
  }

  /// Where bytes of a field will stand within the request.
  private func range(_ at: UnsafePointer<CChar>?, _ length: Int) -> Range<Int> {
    guard let at = at.map({ UnsafeRawPointer($0) }) else { return 0..<0 }
    let start = fieldsStart ?? at
    fieldsStart = start
    let first = request.storage.count + (at - start)
    return first..<(first + length)
  }

  private func url(_ at: UnsafePointer<CChar>?, _ length: Int) -> Bool {
    request.storage.append(contentsOf: UnsafeRawBufferPointer(start: at, count: length))
    request.target = 0..<request.storage.count
    return request.target.count <= configuration.maximumTargetBytes ? true : fail(.targetTooLong)
  }

  /// Looks at what stands between the last name or value and here.
  private func gap(upTo end: UnsafeRawPointer?) -> Bool {
    guard let start = cursor, let end else { return true }
    cursor = end
    guard lines.isWithin else { return true }
    let bytes = UnsafeRawBufferPointer(start: start, count: end - start)
    lines.gap(bytes)
    headerBytes += bytes.count
    if lines.isMalformed { return fail(.malformed) }
    return headerFits()
  }

  private func headerFits() -> Bool {
    guard headerBytes <= configuration.maximumHeaderBytes || !lines.isWithin,
      request.fields.count <= configuration.maximumHeaderFields
    else { return fail(.headerTooLarge) }
    return true
  }

  private func field(_ at: UnsafePointer<CChar>?, _ length: Int) -> Bool {
    guard gap(upTo: at) else { return false }
    let isNew = lines.name()
    guard !lines.isMalformed, Self.isToken(at, length) else { return fail(.malformed) }
    cursor = at.map { UnsafeRawPointer($0 + length) }
    headerBytes += length
    // Trailers are not fields of the request: what they could claim was decided before the body (RFC 9110, 6.5.1).
    guard !isInBody else { return headerFits() }
    guard request.takeName(range(at, length), isNew: isNew) else {
      return fail(.malformed)
    }
    return headerFits()
  }

  /// llhttp takes blanks for part of a name unless it was compiled otherwise (RFC 9112, section 5.1).
  private static func isToken(_ at: UnsafePointer<CChar>?, _ length: Int) -> Bool {
    var isToken = true
    for byte in UnsafeRawBufferPointer(start: at, count: length) { isToken = isToken && byte > 0x20 && byte < 0x7F }
    return isToken
  }

  private func value(_ at: UnsafePointer<CChar>?, _ length: Int) -> Bool {
    // Of an empty value llhttp tells once it is past the end of its line.
    guard length > 0 else { return true }
    guard gap(upTo: at) else { return false }
    let isNew = lines.value()
    guard !lines.isMalformed else { return fail(.malformed) }
    cursor = at.map { UnsafeRawPointer($0 + length) }
    headerBytes += length
    guard !isInBody else { return headerFits() }
    guard request.takeValue(range(at, length), isNew: isNew) else {
      return fail(.malformed)
    }
    return headerFits()
  }

  private func headersComplete() -> Bool {
    headerIsRefused = !headerIsAccepted()
    return !headerIsRefused
  }

  private func headerIsAccepted() -> Bool {
    isInHeader = false
    isInBody = true
    takeFields(upTo: cursor)
    request.markNames()
    request.bodyStart = request.storage.count
    request.method = HTTPRequest.Method(llhttp_method_t(rawValue: UInt32(parser.pointee.method)))
    guard parser.pointee.http_major == 1, parser.pointee.http_minor <= 1 else { return fail(.unknownVersion) }
    request.isHTTP10 = parser.pointee.http_minor == 0
    guard llhttp_method_t(rawValue: UInt32(parser.pointee.method)) != HTTP_CONNECT else {
      return fail(.unknownMethod)
    }
    // An offer to change the protocol may be passed over (RFC 9110, 7.8).
    parser.pointee.upgrade = 0
    let hosts = request.count(of: "host")
    guard hosts == 1 || hosts == 0 && request.isHTTP10 else { return fail(.missingHost) }
    let hasBody = isChunked || parser.pointee.content_length > 0
    receiver = hasBody ? bodyReceiver(request) : nil
    streamedBytes = 0
    return framingIsClear() && expectationIsKnown()
  }

  private var isChunked: Bool { request.count(of: "transfer-encoding") > 0 }

  /// Whether the length of the body can be read in one way only (RFC 9112, section 6).
  private func framingIsClear() -> Bool {
    let hasLength = request.count(of: "content-length") > 0
    if isChunked {
      guard !request.isHTTP10, !hasLength else { return fail(.malformed) }
      guard request.count(of: "transfer-encoding") == 1, request.header("transfer-encoding")?.lowercased() == "chunked"
      else { return fail(.unknownTransferEncoding) }
    } else if hasLength {
      let length = parser.pointee.content_length
      guard length <= UInt64(maximumBodyBytes) else { return fail(.bodyTooLarge(limit: maximumBodyBytes)) }
      // Not more than a client could fill at once: a promise alone is not worth a megabyte.
      if receiver == nil { request.storage.reserveCapacity(request.storage.count + min(Int(length), 65_536)) }
    } else if request.method == .post || request.method == .patch {
      return fail(.lengthRequired)
    }
    return true
  }

  private func expectationIsKnown() -> Bool {
    guard let expectation = request.header("expect") else { return true }
    guard expectation.lowercased() == "100-continue" else { return fail(.expectationFailed) }
    expectsContinue = !request.isHTTP10
    return true
  }

  private func body(_ at: UnsafePointer<CChar>?, _ length: Int) -> Bool {
    guard gap(upTo: at) else { return false }
    expectsContinue = false
    guard request.bodyCount + streamedBytes + length <= maximumBodyBytes else {
      return fail(.bodyTooLarge(limit: maximumBodyBytes))
    }
    if let receiver {
      streamedBytes += length
      if let refusal = receiver.receive(UnsafeRawBufferPointer(start: at, count: length)) {
        return fail(.bodyRefused(refusal))
      }
    } else {
      request.storage.append(contentsOf: UnsafeRawBufferPointer(start: at, count: length))
    }
    // Trailers have the header's limit for themselves.
    headerBytes = 0
    return true
  }

  private func messageComplete() -> Bool {
    isInBody = false
    expectsContinue = false
    request.keepsAlive = llhttp_should_keep_alive(parser) == 1
    finished = request
    if !request.isSmall { request = HTTPRequest() }
    return true
  }
}

extension HTTPRequest.Method {
  fileprivate init(_ method: llhttp_method_t) {
    self =
      switch method {
      case HTTP_GET: .get
      case HTTP_HEAD: .head
      case HTTP_POST: .post
      case HTTP_PUT: .put
      case HTTP_DELETE: .delete
      case HTTP_OPTIONS: .options
      case HTTP_PATCH: .patch
      default: .other
      }
  }
}
