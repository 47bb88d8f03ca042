import EventLoop

/// What takes over a connection after an upgrade (RFC 9110, section 7.8). Called on the loop's thread.
public protocol UpgradedProtocol: AnyObject {
  /// The connection is its own from here on.
  func started(_ socket: UpgradedSocket)
  /// Bytes of the client; valid during the call only.
  func received(_ bytes: UnsafeRawBufferPointer)
  /// The socket was full and takes bytes again.
  func drained()
  /// The connection is gone; told once.
  func closed()
  /// The server wants to stop: the protocol should close the socket soon.
  func serverStops()
}

/// A connection in the hands of another protocol. On the loop's thread.
public final class UpgradedSocket: @unchecked Sendable {  // confined to its loop's thread
  public let loop: EventLoop
  /// The client's address, without its port.
  public let peer: String
  private var marks: WaterMarks
  /// Nil once the client is gone, which is what breaks the cycle.
  var connection: HTTPConnection?

  init(loop: EventLoop, peer: String, connection: HTTPConnection, marks: WaterMarks) {
    self.loop = loop
    self.peer = peer
    self.connection = connection
    self.marks = marks
  }

  /// Whether the client takes what is written.
  public var isWritable: Bool { connection != nil && !marks.isFull }
  public var isOpen: Bool { connection != nil }

  /// Sends bytes when the tick ends.
  public func write(_ bytes: ContiguousArray<UInt8>) {
    guard let connection else { return }
    _ = marks.changed(to: connection.write(bytes))
  }

  /// Ends the connection once everything is written. What the client still sends is thrown away for a moment, so that
  /// it gets to read the last bytes.
  public func close() {
    connection?.closeUpgraded()
  }

  /// Ends the connection at once.
  public func abort() {
    connection?.close()
  }

  /// Answers whether a writer that waits may go on.
  func sent(remaining: Int) -> Bool { marks.changed(to: remaining) }
}
