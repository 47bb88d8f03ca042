import EventLoop

/// The time of a receiver, or of another function of a module, was up.
struct ReceiverTimeout: Error, CustomStringConvertible {
  let subject: String
  let milliseconds: UInt64

  var description: String { "\(subject) took longer than \(milliseconds) ms and was given up." }
}

/// Runs a receiver until it is done or its time is up, whichever comes first.
///
/// Swift cannot stop code that does not listen: a receiver whose time is up is cancelled and left behind, and what
/// it tries afterwards is refused. One that never suspends holds its loop until it returns, and has failed then.
final class ReceiverRace: @unchecked Sendable {  // confined to its loop's thread
  private var outcome: Result<Void, any Error>?
  private var waiter: UnsafeContinuation<Void, any Error>?
  private var timer: LoopTimer?

  static func run(
    on loop: EventLoop, milliseconds: UInt64, subject: String = "The receiver",
    _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    let timeout = ReceiverTimeout(subject: subject, milliseconds: milliseconds)
    let began = ContinuousClock.now
    let race = ReceiverRace()
    let task = loop.start {
      do {
        try await body()
        race.finish(.success(()))
      } catch {
        race.finish(.failure(error))
      }
    }
    // Most receivers return without suspending; they need no timer.
    if race.outcome == nil {
      race.timer = loop.timer(after: milliseconds) {
        race.finish(.failure(timeout))
        task.cancel()
      }
      try await withUnsafeThrowingContinuation { race.waiter = $0 }
    } else {
      try race.outcome?.get()
    }
    guard ContinuousClock.now - began <= .milliseconds(Int64(milliseconds)) else {
      throw timeout
    }
  }

  private func finish(_ result: Result<Void, any Error>) {
    guard outcome == nil else { return }
    outcome = result
    timer?.cancel()
    timer = nil
    waiter?.resume(with: result)
    waiter = nil
  }
}
