import EventLoop
import Logging

/// The life of a background worker: one round after the other, asleep in between until somebody wakes it or its next
/// moment comes. On its loop's thread.
final class WorkerCycle {
  private let loop: EventLoop
  private let logger: Logger
  /// Milliseconds after which there is a round without being asked for.
  private let pollInterval: UInt64
  private let complaint: String
  private(set) var isStopping = false
  private var isWoken = false
  private var sleeper: CheckedContinuation<Void, Never>?
  private var sleepTimer: LoopTimer?
  private var work: Task<Void, Never>?
  private var pruneAt: UInt64 = 0

  private static let pruneInterval: UInt64 = 600_000
  /// Where there is more to forget than fits into one statement.
  private static let pruneAgain: UInt64 = 500

  /// - Parameter complaint: what the log says when a round fails.
  init(loop: EventLoop, pollInterval: UInt64, complaint: String, logger: Logger) {
    self.loop = loop
    self.pollInterval = pollInterval
    self.complaint = complaint
    self.logger = logger
  }

  /// Begins.
  ///
  /// - Parameter round: answers in how many milliseconds it wants to be called again; 0 for at once.
  func start(_ round: @escaping () async throws -> UInt64) {
    // The work runs on the loop's thread, like everything of the worker.
    nonisolated(unsafe) let round = round
    nonisolated(unsafe) let cycle = self
    work = loop.start { await cycle.run(round) }
  }

  private func run(_ round: () async throws -> UInt64) async {
    while !isStopping {
      isWoken = false
      var next = pollInterval
      do {
        next = min(try await round(), pollInterval)
      } catch {
        logger.warning("\(complaint)", metadata: ["reason": "\(error)"])
        next = max(next, 1_000)
      }
      if !isWoken, !isStopping, next > 0 { await pause(next) }
    }
  }

  /// Has a round begin without waiting for the next moment.
  func wake() {
    isWoken = true
    resume()
  }

  /// Ends after the round that is under way.
  func stop() async {
    isStopping = true
    wake()
    await work?.value
  }

  /// Forgets what is old, every ten minutes: part of a round.
  ///
  /// - Parameter prune: answers whether there is more than it has taken.
  func pruneIfDue(_ prune: () async throws -> Bool) async rethrows {
    guard loop.now >= pruneAt else { return }
    pruneAt = loop.now + Self.pruneInterval
    if try await prune() { pruneAt = loop.now + Self.pruneAgain }
  }

  private func resume() {
    sleepTimer?.cancel()
    sleepTimer = nil
    sleeper?.resume()
    sleeper = nil
  }

  /// Sleeps this many milliseconds, or until it is woken.
  func pause(_ milliseconds: UInt64) async {
    await withCheckedContinuation { continuation in
      sleeper = continuation
      sleepTimer = loop.timer(after: milliseconds) { [self] in resume() }
    }
  }
}
