import CCurl
import EventLoop
import Glibc

/// HTTP requests on a loop, over libcurl's multi interface: names are resolved on threads of libcurl's own, everything
/// else happens on the loop's thread, and nothing blocks it. Connections are kept for further requests.
///
/// `close` ends it; so does the end of the loop.
public final class HTTPClient: @unchecked Sendable {  // confined to its loop's thread
  public let loop: EventLoop
  public let configuration: HTTPClientConfiguration
  /// Made for the first request: most servers never send one, and libcurl and its libraries take megabytes.
  private var multi: UnsafeMutableRawPointer?
  private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
  private var polls: [curl_socket_t: Poll] = [:]
  private var timer: LoopTimer?
  private var hook: CloseHook?
  private var isClosed = false

  private static let library: Void = millrace_curl_start()

  /// - Precondition: called on the loop's thread.
  public init(
    loop: EventLoop, configuration: HTTPClientConfiguration = HTTPClientConfiguration()
  ) throws(HTTPClientError) {
    // A connection that breaks while TLS writes must not end the process.
    signal(SIGPIPE, SIG_IGN)
    self.loop = loop
    self.configuration = configuration
    let hook = CloseHook(client: self)
    self.hook = hook
    loop.addTickHook(hook)
  }

  deinit {
    if let multi { curl_multi_cleanup(multi) }
  }

  private func started() throws(HTTPClientError) -> UnsafeMutableRawPointer {
    if let multi { return multi }
    _ = Self.library
    guard let multi = curl_multi_init() else { throw .failed("libcurl has no memory.") }
    self.multi = multi
    let this = Unmanaged.passUnretained(self).toOpaque()
    millrace_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.maximumConnections)
    millrace_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.maximumConnectionsPerHost)
    millrace_multi_set_socket(
      multi,
      { _, descriptor, what, owner, _ in
        HTTPClient.from(owner)?.watch(descriptor, what)
        return 0
      }, this)
    millrace_multi_set_timer(
      multi,
      { _, milliseconds, owner in
        HTTPClient.from(owner)?.schedule(milliseconds)
        return 0
      }, this)
    return multi
  }

  private static func from(_ owner: UnsafeMutableRawPointer?) -> HTTPClient? {
    owner.map { Unmanaged<HTTPClient>.fromOpaque($0).takeUnretainedValue() }
  }

  // MARK: Requests

  /// Sends a request and waits for the end of its response. From any thread; cancelling the task ends the request.
  ///
  /// - Throws: an `HTTPClientError`, or `CancellationError`. Every status is a response.
  public func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
    guard loop.isCurrent else { return try await loop.run { try await self.send(request) } }
    guard !isClosed else { throw HTTPClientError.closed }
    try Task.checkCancellation()
    let multi = try started()
    let transfer = try Transfer(request, configuration)
    // A handle is a number to the other thread, nothing more.
    let key = Int(bitPattern: transfer.handle)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        transfer.begin(continuation)
        transfers[transfer.handle] = transfer
        let code = curl_multi_add_handle(multi, transfer.handle)
        if code != CURLM_OK {
          transfers[transfer.handle] = nil
          transfer.fail(HTTPClientError.failed(String(cString: curl_multi_strerror(code))))
        }
      }
    } onCancel: {
      loop.execute { self.cancel(key) }
    }
  }

  private func cancel(_ key: Int) {
    guard let handle = UnsafeMutableRawPointer(bitPattern: key), let transfer = transfers[handle] else { return }
    take(handle)
    transfer.fail(CancellationError())
  }

  @discardableResult
  private func take(_ handle: UnsafeMutableRawPointer) -> Transfer? {
    if let multi { curl_multi_remove_handle(multi, handle) }
    return transfers.removeValue(forKey: handle)
  }

  /// Ends all requests and connections.
  ///
  /// - Precondition: called on the loop's thread.
  public func close() {
    guard !isClosed else { return }
    isClosed = true
    for (handle, transfer) in transfers {
      take(handle)
      transfer.fail(HTTPClientError.closed)
    }
    timer?.cancel()
    timer = nil
    for poll in polls.values { poll.close() }
    polls = [:]
    // What libcurl closes later, in `deinit`, has no watch any more.
    if let hook { loop.removeTickHook(hook) }
    hook = nil
  }

  // MARK: libcurl's wishes

  private func watch(_ descriptor: curl_socket_t, _ what: Int32) {
    guard what != CURL_POLL_REMOVE, !isClosed else {
      polls.removeValue(forKey: descriptor)?.close()
      return
    }
    guard let poll = polls[descriptor] ?? (try? loop.poll(fileDescriptor: descriptor)) else { return }
    polls[descriptor] = poll
    var events: Poll.Events = []
    if what & CURL_POLL_IN != 0 { events.insert(.readable) }
    if what & CURL_POLL_OUT != 0 { events.insert(.writable) }
    poll.start(events) { [unowned self] status, events in
      var bits: Int32 = status < 0 ? CURL_CSELECT_ERR : 0
      if events.contains(.readable) { bits |= CURL_CSELECT_IN }
      if events.contains(.writable) { bits |= CURL_CSELECT_OUT }
      act(descriptor, bits)
    }
  }

  private func schedule(_ milliseconds: Int) {
    timer?.cancel()
    timer = nil
    guard milliseconds >= 0, !isClosed else { return }
    timer = loop.timer(after: UInt64(milliseconds)) { [unowned self] in
      timer = nil
      act(CURL_SOCKET_BAD, 0)
    }
  }

  /// Lets libcurl work; what has ended by then is answered.
  private func act(_ descriptor: curl_socket_t, _ events: Int32) {
    var running: Int32 = 0
    curl_multi_socket_action(multi, descriptor, events, &running)
    var code = CURLE_OK
    while let handle = millrace_multi_next(multi, &code) {
      take(handle)?.finish(code)
    }
  }
}

/// Ends the client when its loop does.
private final class CloseHook: TickHook {
  private let client: HTTPClient

  init(client: HTTPClient) {
    self.client = client
  }

  func tick() -> Bool { false }

  func loopWillClose() { client.close() }
}
