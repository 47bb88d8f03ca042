import Foundation
import TestSupport
import Testing

/// Server processes that are killed, started again, and paused.
final class Fleet: @unchecked Sendable {  // its state is behind the lock
  private let lock = NSLock()
  private var servers: [ServerProcess]
  private var kills = 0
  private var pauses = 0
  private var isOver = false
  private let make: @Sendable () throws -> ServerProcess

  init(count: Int, _ make: @escaping @Sendable () throws -> ServerProcess) throws {
    self.make = make
    servers = try (0..<count).map { _ in try make() }
  }

  /// Of any of the processes.
  func port() -> UInt16 {
    lock.withLock { servers.randomElement()?.port ?? 0 }
  }

  var troubles: (kills: Int, pauses: Int) { lock.withLock { (kills, pauses) } }

  /// Kills processes and starts new ones in their place, until the trouble is over.
  func kill() {
    repeat {
      let place = lock.withLock { servers.indices.randomElement() ?? 0 }
      lock.withLock { servers[place] }.killHard()
      if let next = try? make() {
        lock.withLock {
          servers[place] = next
          kills += 1
        }
      }
    } while wait(milliseconds: .random(in: 500...3_000))
  }

  /// Stops processes for some seconds and lets them go on, until the trouble is over.
  func pause(_ seconds: Double) {
    repeat {
      guard let victim = lock.withLock({ servers.randomElement() }) else { return }
      Foundation.kill(victim.pid, SIGSTOP)
      usleep(UInt32(seconds * 1_000_000))
      // It may have been killed meanwhile.
      if victim.isRunning { Foundation.kill(victim.pid, SIGCONT) }
      lock.withLock { pauses += 1 }
    } while wait(milliseconds: .random(in: 200...1_000))
  }

  func endChaos() {
    lock.withLock { isOver = true }
  }

  /// Answers whether there shall be more trouble.
  private func wait(milliseconds: UInt32) -> Bool {
    for _ in 0..<(milliseconds / 50) where !lock.withLock({ isOver }) { usleep(50_000) }
    return !lock.withLock { isOver }
  }

  func stop() {
    for server in lock.withLock({ servers }) { #expect(server.stop() == 0) }
  }
}
