/// Where writers wait for a slow client. On the loop's thread.
final class WriteGate: @unchecked Sendable {  // confined to its loop's thread
  private let isWritable: () -> Bool
  private var waiters: [CheckedContinuation<Void, Never>] = []
  private(set) var isClosed = false

  init(isWritable: @escaping () -> Bool) {
    self.isWritable = isWritable
  }

  /// Waits until the client takes something. Answers false when it is gone.
  func wait() async -> Bool {
    while !isClosed, !isWritable() {
      await withCheckedContinuation { waiters.append($0) }
    }
    return !isClosed
  }

  /// The client may take something again.
  func drained() {
    let released = waiters
    waiters = []
    for waiter in released { waiter.resume() }
  }

  /// The client is gone.
  func close() {
    isClosed = true
    drained()
  }
}
