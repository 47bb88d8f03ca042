import Synchronization

/// Tells a worker on another thread that there is something to do.
final class Waker: Sendable {
  private let body = Mutex<(@Sendable () -> Void)?>(nil)

  func onWake(_ body: (@Sendable () -> Void)?) {
    self.body.withLock { $0 = body }
  }

  func wake() {
    body.withLock { $0 }?()
  }
}
