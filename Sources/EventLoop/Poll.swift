import CLibuv

/// Watches a file descriptor that somebody else owns.
public final class Poll: HandleOwner, @unchecked Sendable {  // confined to its loop's thread
  public struct Events: OptionSet, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
      self.rawValue = rawValue
    }

    public static let readable = Events(rawValue: Int32(UV_READABLE.rawValue))
    public static let writable = Events(rawValue: Int32(UV_WRITABLE.rawValue))
    public static let disconnected = Events(rawValue: Int32(UV_DISCONNECT.rawValue))
  }

  private let handle = Handle<uv_poll_t>()
  private var body: ((Int32, Events) -> Void)?
  private var isClosed = false

  init(loop: EventLoop, fileDescriptor: Int32) throws(EventLoopError) {
    let code = uv_poll_init(loop.uv, handle.pointer, fileDescriptor)
    if code < 0 {
      handle.pointer.deallocate()
      throw EventLoopError(code: code, operation: "uv_poll_init")
    }
    handle.retain(self)
  }

  /// Calls `body` with a status (0 or libuv's negative error) and what is possible, until stopped.
  public func start(_ events: Events, _ body: @escaping (Int32, Events) -> Void) {
    guard !isClosed else { return }
    self.body = body
    uv_poll_start(handle.pointer, events.rawValue) { handle, status, events in
      guard let handle, let poll = owner(handle.pointee.data, Poll.self) else { return }
      poll.body?(status, Events(rawValue: events))
    }
  }

  public func stop() {
    guard !isClosed else { return }
    uv_poll_stop(handle.pointer)
    body = nil
  }

  /// Ends the watch for good. The descriptor stays open.
  public func close() {
    guard !isClosed else { return }
    stop()
    isClosed = true
    handle.close()
  }

  func loopEnds() { close() }
}

extension EventLoop {
  public func poll(fileDescriptor: Int32) throws(EventLoopError) -> Poll {
    try Poll(loop: self, fileDescriptor: fileDescriptor)
  }
}
