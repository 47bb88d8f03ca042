/// An answer whose body has no length yet: sent in chunks, or up to the connection's end to a client of HTTP/1.0
/// (RFC 9112, section 7.1). On the loop's thread.
///
/// A writer looks at `isWritable` before each part and waits for `onDrain` when it is false; parts that come
/// nevertheless are kept. A client that ends its sending side while a stream is under way has left: that is how
/// streams are cancelled.
public final class HTTPResponseStream: @unchecked Sendable {  // confined to its loop's thread
  let status: Int
  let fields: [(name: String, value: String)]
  private let isChunked: Bool
  private let hasBody: Bool
  private var marks: WaterMarks
  /// Framed parts that answers before this one hold up.
  private var waiting: ContiguousArray<UInt8> = []
  /// Bytes of the connection that are on their way.
  private var underWay = 0
  /// Nil once the stream is finished or the client is gone, which is what breaks the cycle.
  var exchange: HTTPExchange?
  var headIsWritten = false
  private(set) var isFinished = false

  /// Told when parts may be written again.
  public var onDrain: (() -> Void)?
  /// Told once, when the client left before the stream was finished.
  public var onClose: (() -> Void)?
  /// Told when the server wants to stop: the stream should be finished soon.
  public var onStop: (() -> Void)?

  init(
    status: Int, fields: [(name: String, value: String)], exchange: HTTPExchange, isChunked: Bool, hasBody: Bool,
    marks: WaterMarks
  ) {
    self.status = status
    self.fields = fields
    self.exchange = exchange
    self.isChunked = isChunked
    self.hasBody = hasBody
    self.marks = marks
  }

  /// Whether the client takes what is written.
  public var isWritable: Bool { isOpen && !marks.isFull }
  /// Whether there is a client, and the stream is not finished.
  public var isOpen: Bool { exchange != nil && !isFinished }

  /// Sends a part of the body.
  public func write(_ bytes: ContiguousArray<UInt8>) {
    guard isOpen, hasBody, !bytes.isEmpty else { return }
    if isChunked {
      waiting.append(hexadecimal: bytes.count)
      waiting.append(text: "\r\n")
      waiting.append(contentsOf: bytes)
      waiting.append(text: "\r\n")
    } else {
      waiting.append(contentsOf: bytes)
    }
    exchange?.connection?.exchangeFinished()
    _ = marks.changed(to: underWay + waiting.count)
  }

  /// Ends the body.
  public func finish() {
    guard isOpen else { return }
    isFinished = true
    if isChunked, hasBody { waiting.append(text: "0\r\n\r\n") }
    let exchange = exchange
    exchange?.connection?.exchangeFinished()
    release()
  }

  /// Hands over what has gathered.
  ///
  /// - Parameter writing: bytes of the connection that are no longer in `output` and not with the client yet.
  func take(into output: inout ContiguousArray<UInt8>, writing: Int) {
    output.append(contentsOf: waiting)
    underWay = output.count + writing
    waiting.removeAll(keepingCapacity: waiting.capacity <= 65_536)
  }

  /// Whether the end of the connection is the end of the body.
  var endsConnection: Bool { !isChunked && hasBody }

  func sent(remaining: Int) {
    underWay = remaining
    if marks.changed(to: underWay + waiting.count) { onDrain?() }
  }

  func clientLeft() {
    guard isOpen else { return }
    let told = onClose
    release()
    told?()
  }

  private func release() {
    exchange = nil
    onDrain = nil
    onClose = nil
    onStop = nil
  }
}
