import Foundation
import Synchronization

/// A Postgres in front of the test cluster that loses connections at the worst moment: with some probability it drops a
/// client right before it forwards COMMIT, or right after.
public final class CommitProxy: Sendable {
  /// What the proxy does with a COMMIT.
  public enum Fate: Sendable {
    case forward
    case dropBefore
    case dropAfter
  }

  private let listener: Int32
  private let directory: String
  private let upstream: String
  private let database: String
  private let decide: @Sendable () -> Fate
  private let counts = Mutex<(forwarded: Int, before: Int, after: Int)>((0, 0, 0))
  private let isClosed = Mutex(false)

  /// - Parameters:
  ///   - conninfo: of a test database, as `TestCluster.database()` answers it.
  ///   - decide: called with each COMMIT, on any thread.
  public init(for conninfo: String, decide: @escaping @Sendable () -> Fate) throws {
    var fields: [Substring: Substring] = [:]
    for pair in conninfo.split(separator: " ") {
      let parts = pair.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { fields[parts[0]] = parts[1] }
    }
    upstream = "\(fields["host"] ?? "")/.s.PGSQL.\(fields["port"] ?? "5432")"
    database = "dbname=\(fields["dbname"] ?? "") user=\(fields["user"] ?? "")"
    directory = try TestFiles.directory("proxy")
    self.decide = decide
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let listener = listener
    let bound = Self.withAddress("\(directory)/.s.PGSQL.5432") { bind(listener, $0, $1) }
    guard bound == 0, listen(listener, 128) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    Thread.detachNewThread { [self] in accept() }
  }

  /// How to reach the database through the proxy.
  public var conninfo: String { "host=\(directory) port=5432 \(database)" }
  /// How many COMMITs were forwarded, and how many connections were dropped before and after one.
  public var dropped: (before: Int, after: Int) { counts.withLock { ($0.before, $0.after) } }

  public func close() {
    isClosed.withLock { $0 = true }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }

  private func accept() {
    while true {
      let client = Foundation.accept(listener, nil, nil)
      if isClosed.withLock({ $0 }) || client < 0 {
        Foundation.close(listener)
        if client >= 0 { Foundation.close(client) }
        return
      }
      let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      guard Self.withAddress(upstream, { connect(server, $0, $1) }) == 0 else {
        Foundation.close(client)
        Foundation.close(server)
        continue
      }
      let link = Link(client: client, server: server)
      Thread.detachNewThread { link.relayAnswers() }
      Thread.detachNewThread { [self] in relayRequests(link) }
    }
  }

  /// Forwards one message after the other, for as long as no COMMIT is lost.
  private func relayRequests(_ link: Link) {
    defer { link.finishRequests() }
    // The first message has no type.
    guard let start = link.message(hasType: false), link.send(start) else { return }
    var commits: Set<[UInt8]> = []
    while let message = link.message(hasType: true) {
      switch message[0] {
      case UInt8(ascii: "P"):
        let parts = message[5...].split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        if parts.count > 1, Array(parts[1]) == Array("commit".utf8) { commits.insert(Array(parts[0])) }
      case UInt8(ascii: "B"):
        let parts = message[5...].split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count > 1, commits.contains(Array(parts[1])) else { break }
        switch decide() {
        case .forward:
          counts.withLock { $0.forwarded += 1 }
        case .dropBefore:
          counts.withLock { $0.before += 1 }
          link.dropClient()
          return
        case .dropAfter:
          counts.withLock { $0.after += 1 }
          // The client is gone before the server can have answered.
          link.keepRest(until: UInt8(ascii: "S"), after: message)
          return
        }
      default: break
      }
      guard link.send(message) else { return }
    }
  }
}

/// A client's connection and the server's behind it.
private final class Link: Sendable {
  private let client: Int32
  private let server: Int32
  /// Each descriptor is closed once both directions are through.
  private let open = Mutex(2)

  init(client: Int32, server: Int32) {
    self.client = client
    self.server = server
  }

  func message(hasType: Bool) -> [UInt8]? {
    let typeLength = hasType ? 1 : 0
    guard var message = read(typeLength + 4) else { return nil }
    let length = message[typeLength...].reduce(0) { $0 << 8 | Int($1) }
    guard length >= 4, let rest = read(length - 4) else { return nil }
    message += rest
    return message
  }

  private func read(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var have = 0
    while have < count {
      let got = bytes.withUnsafeMutableBytes { recv(client, $0.baseAddress?.advanced(by: have), count - have, 0) }
      guard got > 0 else { return nil }
      have += got
    }
    return bytes
  }

  func send(_ bytes: [UInt8]) -> Bool { Self.send(bytes[...], to: server) }

  private static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  func dropClient() {
    shutdown(client, Int32(SHUT_RDWR))
  }

  /// Takes the messages of the batch from the client, drops the client, and only then forwards them.
  func keepRest(until type: UInt8, after first: [UInt8]) {
    var batch = first
    while let message = message(hasType: true) {
      batch += message
      if message[0] == type { break }
    }
    dropClient()
    _ = send(batch)
  }

  /// The server reads to the end of what was forwarded, and then sees that the client is gone.
  func finishRequests() {
    shutdown(server, Int32(SHUT_WR))
    leave()
  }

  func relayAnswers() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var isWanted = true
    while true {
      let count = recv(server, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      if isWanted { isWanted = Self.send(buffer[..<count], to: client) }
    }
    dropClient()
    leave()
  }

  private func leave() {
    let isLast = open.withLock { count in
      count -= 1
      return count == 0
    }
    guard isLast else { return }
    close(client)
    close(server)
  }
}
