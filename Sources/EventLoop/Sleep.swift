extension EventLoop {
  /// Suspends for a time.
  ///
  /// - Throws: `CancellationError`, at once, when the task is cancelled or the loop ends.
  public func sleep(milliseconds: UInt64) async throws {
    let sleep = Sleep()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        if isCurrent {
          sleep.begin(on: self, milliseconds, continuation)
        } else {
          execute { sleep.begin(on: self, milliseconds, continuation) }
        }
      }
    } onCancel: {
      execute { sleep.cancel() }
    }
  }
}

/// A sleep that ends once: by its timer, by cancellation, or with the loop.
private final class Sleep: @unchecked Sendable {  // confined to the loop's thread
  private var continuation: CheckedContinuation<Void, any Error>?
  private var timer: LoopTimer?
  /// Cancellation may come before the beginning.
  private var isCancelled = false

  func begin(on loop: EventLoop, _ milliseconds: UInt64, _ continuation: CheckedContinuation<Void, any Error>) {
    guard !isCancelled else {
      continuation.resume(throwing: CancellationError())
      return
    }
    self.continuation = continuation
    timer = LoopTimer(loop: loop, after: milliseconds, onLoopEnd: { self.cancel() }) {
      self.finish(.success(()))
    }
  }

  func cancel() {
    isCancelled = true
    finish(.failure(CancellationError()))
  }

  private func finish(_ result: Result<Void, any Error>) {
    timer?.cancel()
    timer = nil
    continuation?.resume(with: result)
    continuation = nil
  }
}
