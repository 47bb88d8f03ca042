import CCurl
import Glibc

/// A request under way: libcurl's handle and what has come so far.
final class Transfer {
  /// Bytes of a response's header fields at most.
  private static let maximumHeaderBytes = 65_536

  let handle: UnsafeMutableRawPointer
  private let request: HTTPClientRequest
  private let filter: (@Sendable (NetworkAddress) -> Bool)?
  private var fieldList: UnsafeMutablePointer<curl_slist>?
  private var continuation: CheckedContinuation<HTTPClientResponse, any Error>?

  private var headers: [(name: String, value: String)] = []
  private var headerBytes = 0
  private var body: [UInt8] = []
  private var isTooLarge = false
  /// The last address that the filter refused.
  private var refused: NetworkAddress?

  init(_ request: HTTPClientRequest, _ configuration: HTTPClientConfiguration) throws(HTTPClientError) {
    try request.check()
    guard let handle = curl_easy_init() else { throw .failed("libcurl has no memory.") }
    self.handle = handle
    self.request = request
    filter = configuration.connectFilter
    apply(configuration)
    applyRequest()
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(fieldList)
  }

  /// Keeps the transfer alive until `finish`.
  func begin(_ continuation: CheckedContinuation<HTTPClientResponse, any Error>) {
    self.continuation = continuation
  }

  // MARK: Options

  private func apply(_ configuration: HTTPClientConfiguration) {
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    // A proxy from the environment would connect where the filter cannot see.
    set(CURLOPT_PROXY, "")
    set(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: configuration.connectTimeout))
    set(CURLOPT_USERAGENT, configuration.userAgent)
    switch configuration.trust {
    case .system: break
    case .file(let path): set(CURLOPT_CAINFO, path)
    case .anyone:
      set(CURLOPT_SSL_VERIFYPEER, 0)
      set(CURLOPT_SSL_VERIFYHOST, 0)
    }
    let this = Unmanaged.passUnretained(self).toOpaque()
    millrace_curl_set_pointer(handle, CURLOPT_PRIVATE, this)
    millrace_curl_set_pointer(handle, CURLOPT_WRITEDATA, this)
    millrace_curl_set_pointer(handle, CURLOPT_HEADERDATA, this)
    millrace_curl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, this)
    millrace_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { data, size, count, owner in
      Transfer.from(owner)?.receiveBody(UnsafeRawBufferPointer(start: data, count: size * count)) ?? 0
    }
    millrace_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { data, size, count, owner in
      Transfer.from(owner)?.receiveHeader(UnsafeRawBufferPointer(start: data, count: size * count)) ?? 0
    }
    millrace_curl_set_open(handle) { owner, _, address in
      guard let address, let transfer = Transfer.from(owner) else { return CURL_SOCKET_BAD }
      return transfer.open(address)
    }
  }

  private func applyRequest() {
    set(CURLOPT_URL, request.url)
    set(CURLOPT_TIMEOUT_MS, Int(clamping: max(request.timeout, 1)))
    if request.followsRedirects {
      set(CURLOPT_FOLLOWLOCATION, 1)
      set(CURLOPT_MAXREDIRS, 5)
    }
    switch request.method {
    case "GET" where request.body.isEmpty: set(CURLOPT_HTTPGET, 1)
    case "HEAD": set(CURLOPT_NOBODY, 1)
    case "POST": set(CURLOPT_POST, 1)
    default: set(CURLOPT_CUSTOMREQUEST, request.method)
    }
    if !request.body.isEmpty || request.method == "POST" {
      millrace_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, request.body.count)
      request.body.withUnsafeBytes { bytes in
        var nothing: UInt8 = 0
        withUnsafePointer(to: &nothing) { empty in
          _ = millrace_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress ?? UnsafeRawPointer(empty))
        }
      }
      // A field of libcurl's own choosing, which costs a round trip, and a type that the body does not have.
      append("Expect:")
      if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) { append("Content-Type:") }
    }
    // libcurl takes a name with a semicolon for a field without a value.
    for (name, value) in request.headers { append(value.isEmpty ? "\(name);" : "\(name): \(value)") }
    millrace_curl_set_list(handle, CURLOPT_HTTPHEADER, fieldList)
  }

  private func append(_ line: String) {
    fieldList = curl_slist_append(fieldList, line) ?? fieldList
  }

  private func set(_ option: CURLoption, _ value: Int) {
    millrace_curl_set_long(handle, option, value)
  }

  private func set(_ option: CURLoption, _ value: String) {
    _ = value.withCString { millrace_curl_set_pointer(handle, option, $0) }
  }

  // MARK: What comes

  static func from(_ owner: UnsafeMutableRawPointer?) -> Transfer? {
    owner.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Any other number than the given one ends the transfer.
  private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    let room = request.maximumBodyBytes - body.count
    body.append(contentsOf: bytes.prefix(max(room, 0)))
    isTooLarge = bytes.count > room
    return isTooLarge ? bytes.count + 1 : bytes.count
  }

  private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
    headerBytes += bytes.count
    guard headerBytes <= Self.maximumHeaderBytes else { return bytes.count + 1 }
    // The head of a redirect, or of an interim response, is followed by another one.
    if bytes.starts(with: "HTTP/".utf8) {
      headers = []
    } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
      let name = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
      headers.append((name, Self.trimmed(bytes[(colon + 1)...])))
    }
    return bytes.count
  }

  private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
    let rest = bytes.drop(while: isSpace)
    let end = rest.lastIndex { !isSpace($0) }
    return String(decoding: end.map { rest[...$0] } ?? rest[rest.startIndex..<rest.startIndex], as: UTF8.self)
  }

  private func open(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    let length = Int(address.pointee.addrlen)
    let peer = withUnsafePointer(to: &address.pointee.addr) { NetworkAddress($0, length: length) }
    if let filter {
      guard let peer, filter(peer) else {
        refused = peer
        return CURL_SOCKET_BAD
      }
    }
    return socket(
      address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
  }

  // MARK: The end

  func finish(_ code: CURLcode) {
    let isCut = isTooLarge && request.truncatesBody
    guard code == CURLE_OK || isCut else { return fail(error(code)) }
    continuation?.resume(
      returning: HTTPClientResponse(
        status: millrace_curl_status(handle), headers: headers, body: body, isTruncated: isCut))
    continuation = nil
  }

  func fail(_ error: any Error) {
    continuation?.resume(throwing: error)
    continuation = nil
  }

  private func error(_ code: CURLcode) -> HTTPClientError {
    if isTooLarge { return .responseTooLarge(limit: request.maximumBodyBytes) }
    let reason = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_COULDNT_CONNECT: return refused.map { .addressRefused("\($0)") } ?? .couldNotConnect(reason)
    case CURLE_COULDNT_RESOLVE_HOST: return .couldNotResolve(reason)
    case CURLE_OPERATION_TIMEDOUT: return .timedOut
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .invalidRequest(reason)
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_ISSUER_ERROR:
      return .notTrusted(reason)
    default: return .failed(reason)
    }
  }
}
