import CLibuv

/// A timer of a loop. Fires until it is cancelled or, without repetition, once.
public final class LoopTimer: HandleOwner, @unchecked Sendable {  // confined to its loop's thread
  private let handle = Handle<uv_timer_t>()
  private var body: (() -> Void)?
  private let repeats: Bool
  /// Called when the loop ends before the timer fired.
  private let onLoopEnd: (() -> Void)?

  init(
    loop: EventLoop, after: UInt64, repeating: UInt64 = 0, onLoopEnd: (() -> Void)? = nil, _ body: @escaping () -> Void
  ) {
    self.body = body
    self.onLoopEnd = onLoopEnd
    repeats = repeating > 0
    uv_timer_init(loop.uv, handle.pointer)
    handle.retain(self)
    // uv_now is the time of the tick; work of this tick must not make the timer fire early.
    uv_update_time(loop.uv)
    uv_timer_start(
      handle.pointer,
      { handle in
        guard let handle, let timer = owner(handle.pointee.data, LoopTimer.self) else { return }
        timer.fire()
      }, after, repeating)
  }

  private func fire() {
    let body = body
    if !repeats { cancel() }
    body?()
  }

  public func cancel() {
    guard body != nil else { return }
    body = nil
    uv_timer_stop(handle.pointer)
    handle.close()
  }

  func loopEnds() {
    cancel()
    onLoopEnd?()
  }
}

extension EventLoop {
  /// Calls `body` after some milliseconds, and then every `repeating` ones unless that is 0.
  ///
  /// - Precondition: called on the loop's thread.
  @discardableResult
  public func timer(
    after milliseconds: UInt64, repeating: UInt64 = 0, _ body: @escaping () -> Void
  ) -> LoopTimer {
    LoopTimer(loop: self, after: milliseconds, repeating: repeating, body)
  }
}
