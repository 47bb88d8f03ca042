import EventLoop
import Glibc

/// One connection of the client: sends a request, reads the whole response, takes the time, and only then sends the
/// next one.
final class LoadConnection: @unchecked Sendable {  // confined to its loop's thread
  private let descriptor: Int32
  private let poll: Poll
  private unowned let client: LoadClient
  private var sent: UInt64 = 0
  private var received: [UInt8] = []
  /// Bytes of the whole response, once its head is there.
  private var expected: Int?

  init(port: UInt16, client: LoadClient) throws {
    self.client = client
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    guard code == 0 else { throw LoadFailure("Nobody listens on port \(port).") }
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    self.descriptor = descriptor
    poll = try client.loop.poll(fileDescriptor: descriptor)
  }

  func begin() {
    poll.start(.readable) { [self] _, _ in read() }
    send()
  }

  private func send() {
    guard let request = client.next() else {
      poll.close()
      close(descriptor)
      client.ended()
      return
    }
    received.removeAll(keepingCapacity: true)
    expected = nil
    sent = LoadClient.now()
    // A request fits into an empty send buffer.
    let count = request.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count != request.count { client.fail("A request of \(request.count) bytes could not be sent.") }
  }

  private func read() {
    let count = recv(descriptor, client.buffer.baseAddress, client.buffer.count, 0)
    if count < 0, errno == EAGAIN { return }
    guard count > 0 else { return client.fail("The server closed a connection.") }
    received += client.buffer[..<count]
    if expected == nil { expected = Self.length(received) }
    guard let expected, received.count >= expected else { return }
    client.finished(after: LoadClient.now() - sent, received)
    send()
  }

  /// Bytes of head and body; nil until the head is whole.
  private static func length(_ bytes: [UInt8]) -> Int? {
    guard let head = bytes.firstRange(of: [13, 10, 13, 10])?.lowerBound else { return nil }
    let name = "content-length:"
    for line in String(decoding: bytes[..<head], as: UTF8.self).lowercased().split(separator: "\r\n") where line.hasPrefix(name) {
      return head + 4 + (Int(line.dropFirst(name.count).filter { $0 != " " }) ?? 0)
    }
    return head + 4
  }
}
