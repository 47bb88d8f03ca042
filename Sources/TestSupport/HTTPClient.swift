import Glibc

/// A client that sends exactly the bytes it is told to.
public final class RawConnection {
  private let descriptor: Int32

  public init(port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    isConnected = connected == 0
    var timeout = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  public let isConnected: Bool

  deinit {
    close(descriptor)
  }

  public func send(_ text: String) {
    send(Array(text.utf8))
  }

  public func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Tells the other side that nothing more will be sent.
  public func finishSending() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  /// Everything until the other side closes, or the time is up.
  public func receiveAll() -> String {
    var result: [UInt8] = []
    while let part = receiveSome() { result += part }
    return String(decoding: result, as: UTF8.self)
  }

  /// Reads until the text stands in what was received.
  public func receive(until text: String) -> String {
    var result: [UInt8] = []
    while !String(decoding: result, as: UTF8.self).contains(text), let part = receiveSome() { result += part }
    return String(decoding: result, as: UTF8.self)
  }

  /// Reads so many bytes, and answers how many came.
  public func receive(atLeast count: Int) -> Int {
    var received = 0
    while received < count, let part = receiveSome() { received += part.count }
    return received
  }

  /// Has the connection reset when it is closed, as the kernel does when a client dies.
  public func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// Reads one piece as it comes; nil when the other side has closed or the time is up.
  public func receiveSome() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var count = recv(descriptor, &buffer, buffer.count, 0)
    // A child that ends interrupts it, wherever it is waited for: with a time limit the kernel does not go on by itself.
    while count < 0, errno == EINTR { count = recv(descriptor, &buffer, buffer.count, 0) }
    return count > 0 ? Array(buffer.prefix(count)) : nil
  }
}

/// One request on a connection of its own.
public struct HTTPAnswer: Sendable {
  /// 0 when there was no answer.
  public let status: Int
  public let head: String
  public let body: String

  public static func get(_ port: UInt16, _ path: String, fields: [String] = []) -> HTTPAnswer {
    request(port, "GET", path, fields, nil)
  }

  /// A GraphQL request.
  public static func graphql(
    _ port: UInt16, _ query: String, variables: String = "{}", fields: [String] = []
  ) -> HTTPAnswer {
    let escaped = query.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    return request(
      port, "POST", "/graphql", ["content-type: application/json"] + fields,
      "{\"query\":\"\(escaped)\",\"variables\":\(variables)}")
  }

  public static func request(
    _ port: UInt16, _ method: String, _ path: String, _ fields: [String], _ body: String?
  ) -> HTTPAnswer {
    let connection = RawConnection(port: port)
    guard connection.isConnected else { return HTTPAnswer(status: 0, head: "", body: "") }
    var text = "\(method) \(path) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
    for field in fields { text += field + "\r\n" }
    if let body { text += "content-length: \(body.utf8.count)\r\n" }
    connection.send(text + "\r\n" + (body ?? ""))
    return HTTPAnswer(connection.receiveAll())
  }

  public init(_ text: String) {
    let end = text.firstRange(of: "\r\n\r\n")
    self.init(
      status: Int(text.dropFirst(9).prefix(3)) ?? 0, head: String(end.map { text[..<$0.lowerBound] } ?? text[...]),
      body: end.map { String(text[$0.upperBound...]) } ?? "")
  }

  private init(status: Int, head: String, body: String) {
    self.status = status
    self.head = head
    self.body = body
  }

  /// The first value of a key anywhere in the body, which is enough for a test's questions.
  public func value(_ key: String) -> String? { values(key).first }

  /// All text values of a key in the body.
  public func values(_ key: String) -> [String] {
    body.split(separator: "\"\(key)\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
  }
}
