import CLibuv

/// Watches for a signal of the process.
public final class SignalWatcher: HandleOwner, @unchecked Sendable {  // confined to its loop's thread
  private let handle = Handle<uv_signal_t>()
  private var body: (() -> Void)?

  init(loop: EventLoop, number: Int32, _ body: @escaping () -> Void) throws(EventLoopError) {
    self.body = body
    uv_signal_init(loop.uv, handle.pointer)
    handle.retain(self)
    let code = uv_signal_start(
      handle.pointer,
      { handle, _ in
        guard let handle, let watcher = owner(handle.pointee.data, SignalWatcher.self) else { return }
        watcher.body?()
      }, number)
    // A watcher must not keep a loop alive that has nothing else to do.
    uv_unref(handle.base)
    if code < 0 {
      cancel()
      throw EventLoopError(code: code, operation: "uv_signal_start")
    }
  }

  public func cancel() {
    guard body != nil else { return }
    body = nil
    uv_signal_stop(handle.pointer)
    handle.close()
  }

  func loopEnds() { cancel() }
}

extension EventLoop {
  public func signal(_ number: Int32, _ body: @escaping () -> Void) throws(EventLoopError) -> SignalWatcher {
    try SignalWatcher(loop: self, number: number, body)
  }
}
