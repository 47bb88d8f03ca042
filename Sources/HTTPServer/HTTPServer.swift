import CLibuv
import EventLoop
import Glibc
import Logging

/// Listens on one loop. Several loops share a port, each with a socket of its own, and the kernel spreads the
/// connections.
public final class HTTPServer: @unchecked Sendable {  // confined to its loop's thread
  public let loop: EventLoop
  public let configuration: HTTPServerConfiguration
  let handler: any HTTPHandler
  private let logger: Logger
  private var listener: UnsafeMutablePointer<uv_tcp_t>?
  private var connections: [ObjectIdentifier: HTTPConnection] = [:]
  private var dirty: ContiguousArray<HTTPConnection> = []
  /// Takes turns with `dirty`, so that a tick does not allocate.
  private var spare: ContiguousArray<HTTPConnection> = []
  private var sweep: LoopTimer?
  /// Keeps the server alive while it listens.
  private var hook: CorkHook?
  private(set) var isStopping = false
  private var onDrained: (() -> Void)?
  /// Shared by all connections: bytes are taken out before the next read.
  let readBuffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 65_536)
  private(set) var date: ContiguousArray<UInt8> = []
  /// How answers with status 200 begin this second: most of them have it.
  private(set) var okHead: ContiguousArray<UInt8> = []
  private var dateSecond: time_t = 0

  public init(
    loop: EventLoop, configuration: HTTPServerConfiguration, handler: any HTTPHandler, logger: Logger
  ) {
    self.loop = loop
    self.configuration = configuration
    self.handler = handler
    self.logger = logger
  }

  deinit {
    readBuffer.deallocate()
  }

  /// How many clients are connected.
  public var connectionCount: Int { connections.count }

  // MARK: Starting

  /// Listens.
  ///
  /// - Returns: the port, which the system chose when the configuration says 0.
  public func start() throws(EventLoopError) -> UInt16 {
    signal(SIGPIPE, SIG_IGN)
    var address = sockaddr_storage()
    let family = try Self.parse(configuration.host, configuration.port, into: &address)
    let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
    let code = uv_tcp_init_ex(loop.uv, handle, UInt32(family))
    if code < 0 {
      handle.deallocate()
      throw EventLoopError(code: code, operation: "Listening on \(configuration.host):\(configuration.port)")
    }
    handle.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    var descriptor: uv_os_fd_t = -1
    uv_fileno(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self), &descriptor)
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, socklen_t(MemoryLayout<Int32>.size))
    do throws(EventLoopError) {
      let code = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { uv_tcp_bind(handle, $0, 0) }
      }
      try Self.check(code, "Listening on \(configuration.host):\(configuration.port)")
      try Self.check(
        uv_listen(Self.stream(handle), configuration.backlog) { stream, status in
          guard status == 0, let stream, let data = stream.pointee.data else { return }
          Unmanaged<HTTPServer>.fromOpaque(data).takeUnretainedValue().accept(stream)
        }, "Listening on \(configuration.host):\(configuration.port)")
    } catch {
      Self.close(handle)
      throw error
    }
    listener = handle
    let hook = CorkHook(server: self)
    self.hook = hook
    loop.addTickHook(hook)
    sweep = loop.timer(after: 250, repeating: 250) { [self] in
      for connection in self.connections.values { connection.checkDeadlines() }
    }
    refreshDate()
    return Self.port(of: descriptor)
  }

  private static func check(_ code: Int32, _ operation: String) throws(EventLoopError) {
    if code < 0 { throw EventLoopError(code: code, operation: operation) }
  }

  private static func stream(_ handle: UnsafeMutablePointer<uv_tcp_t>) -> UnsafeMutablePointer<uv_stream_t> {
    UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_stream_t.self)
  }

  private static func close(_ handle: UnsafeMutablePointer<uv_tcp_t>) {
    handle.pointee.data = nil
    uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { handle in
      handle.map { UnsafeMutableRawPointer($0).deallocate() }
    }
  }

  static func parse(
    _ host: String, _ port: UInt16, into address: inout sockaddr_storage
  ) throws(EventLoopError) -> Int32 {
    let name = host == "localhost" ? "127.0.0.1" : host
    return try withUnsafeMutablePointer(to: &address) { pointer throws(EventLoopError) -> Int32 in
      let raw = UnsafeMutableRawPointer(pointer)
      if uv_ip4_addr(name, Int32(port), raw.assumingMemoryBound(to: sockaddr_in.self)) == 0 { return AF_INET }
      try check(
        uv_ip6_addr(name, Int32(port), raw.assumingMemoryBound(to: sockaddr_in6.self)),
        "The address \(host) is neither IPv4 nor IPv6")
      return AF_INET6
    }
  }

  private static func port(of descriptor: Int32) -> UInt16 {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
      // The port stands at the same place for both families.
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
    }
  }

  private func accept(_ stream: UnsafeMutablePointer<uv_stream_t>) {
    let connection = HTTPConnection(server: self, loop: loop, configuration: configuration)
    guard connection.accept(from: stream) else {
      connection.close()
      return
    }
    let others = connections.count
    connections[ObjectIdentifier(connection)] = connection
    guard others >= configuration.maximumConnections else { return }
    // To say why takes a connection as well; in a flood there is no room for that either.
    if others < 2 * configuration.maximumConnections {
      connection.refuse(.tooManyConnections)
      connection.flush()
    } else {
      connection.close()
    }
  }

  // MARK: Connections

  func closed(_ connection: HTTPConnection) {
    connections[ObjectIdentifier(connection)] = nil
    if isStopping, connections.isEmpty {
      onDrained?()
      onDrained = nil
    }
  }

  /// Has the connection written when the tick ends.
  func markDirty(_ connection: HTTPConnection) {
    guard !connection.isDirty else { return }
    connection.isDirty = true
    dirty.append(connection)
  }

  fileprivate func flushDirty() -> Bool {
    refreshDate()
    guard !dirty.isEmpty else { return false }
    var connections = spare
    spare = []
    swap(&connections, &dirty)
    for connection in connections {
      connection.isDirty = false
      connection.flush()
    }
    connections.removeAll(keepingCapacity: true)
    spare = connections
    return true
  }

  /// The `Date` field changes once a second.
  private func refreshDate() {
    var now = time(nil)
    guard now != dateSecond else { return }
    dateSecond = now
    var parts = tm()
    gmtime_r(&now, &parts)
    var buffer = [CChar](repeating: 0, count: 64)
    let count = strftime(&buffer, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    date = ContiguousArray(buffer.prefix(count).map { UInt8(bitPattern: $0) })
    okHead.removeAll(keepingCapacity: true)
    HTTPResponse.beginHead(200, at: date, to: &okHead)
  }

  // MARK: Stopping

  /// Takes no more connections, lets requests that are under way finish, and closes what is left after the
  /// grace period. Answers that leave meanwhile tell their client that the connection ends.
  public func stop(graceMilliseconds: UInt64) async {
    guard !isStopping else { return }
    isStopping = true
    closeListener()
    for connection in connections.values { connection.serverStops() }
    if !connections.isEmpty {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let timer = loop.timer(after: graceMilliseconds) { [self] in closeConnections() }
        onDrained = {
          timer.cancel()
          continuation.resume()
        }
      }
    }
    end()
  }

  private func closeListener() {
    if let listener { Self.close(listener) }
    listener = nil
  }

  private func closeConnections() {
    for connection in connections.values { connection.close() }
  }

  private func end() {
    sweep?.cancel()
    sweep = nil
    if let hook { loop.removeTickHook(hook) }
    hook = nil
    dirty = []
  }

  /// The loop ends without a graceful stop.
  fileprivate func abandon() {
    isStopping = true
    closeListener()
    closeConnections()
    end()
  }
}

/// Answers of a tick leave together.
private final class CorkHook: TickHook {
  private let server: HTTPServer

  init(server: HTTPServer) {
    self.server = server
  }

  func tick() -> Bool { server.flushDirty() }

  func loopWillClose() { server.abandon() }
}
