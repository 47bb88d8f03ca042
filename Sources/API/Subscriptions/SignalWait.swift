import EventLoop
import Millrace
import Postgres

/// Waits for a family's next signal, or for the time to look without one. On the loop's thread.
final class SignalWait: @unchecked Sendable {  // confined to its loop's thread
  private let family: UUID128
  private let signals: EventSignals
  private let loop: EventLoop
  private var registration: Int?
  private var isSignalled = false
  private(set) var isCancelled = false
  private var waiter: CheckedContinuation<Void, Never>?
  private var timer: LoopTimer?

  /// Milliseconds after which a subscriber looks without a signal: while signals of other processes arrive, and while
  /// they do not.
  static let pause: (connected: UInt64, unconnected: UInt64) = (10_000, 1_000)

  init(family: UUID128, signals: EventSignals, loop: EventLoop) {
    self.family = family
    self.signals = signals
    self.loop = loop
    registration = signals.add(family) { [weak self, loop] in
      guard let self else { return }
      loop.execute { self.signal() }
    }
  }

  deinit {
    if let registration { signals.remove(family, registration) }
  }

  private func signal() {
    isSignalled = true
    resume()
  }

  /// Forgets signals that came so far.
  func reset() {
    isSignalled = false
  }

  func next() async {
    guard !isSignalled, !isCancelled else { return }
    let pause = signals.isConnected ? Self.pause.connected : Self.pause.unconnected
    await withCheckedContinuation { continuation in
      waiter = continuation
      // Spread, so that the subscribers of a process do not all look at once.
      timer = loop.timer(after: pause - UInt64.random(in: 0...(pause / 4))) { [weak self] in self?.resume() }
    }
  }

  private func resume() {
    timer?.cancel()
    timer = nil
    waiter?.resume()
    waiter = nil
  }

  /// Ends the wait, and every later one.
  func cancel() {
    guard !isCancelled else { return }
    isCancelled = true
    if let registration { signals.remove(family, registration) }
    registration = nil
    resume()
  }
}
