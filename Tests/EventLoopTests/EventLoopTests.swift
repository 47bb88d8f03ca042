import EventLoop
import Glibc
import Testing

@Suite("An event loop", .serialized)
struct EventLoopTests {
  private func withLoop<Result>(_ body: (EventLoop) async throws -> Result) async throws -> Result {
    let group = try EventLoopGroup(count: 1)
    group.start()
    defer {
      group.stop()
      group.join()
    }
    return try await body(group.loops[0])
  }

  @Test("a task stays on the loop's thread across suspensions")
  func staysOnThread() async throws {
    try await withLoop { loop in
      let places = try await loop.run { () async throws -> [Bool] in
        var places = [loop.isCurrent]
        try await loop.sleep(milliseconds: 1)
        places.append(loop.isCurrent)
        let answer = await loop.offload { loop.isCurrent }
        places.append(!answer)
        places.append(loop.isCurrent)
        return places
      }
      #expect(places == [true, true, true, true])
    }
  }

  @Test("work from another thread runs in the order in which it was handed over")
  func order() async throws {
    try await withLoop { loop in
      let numbers = await withCheckedContinuation { (continuation: CheckedContinuation<[Int], Never>) in
        let box = Box()
        for number in 0..<100 { loop.execute { box.numbers.append(number) } }
        loop.execute { continuation.resume(returning: box.numbers) }
      }
      #expect(numbers == Array(0..<100))
    }
  }

  private final class Box: @unchecked Sendable {  // only touched on the loop's thread
    var numbers: [Int] = []
  }

  @Test("hooks run at the end of a tick until none did work")
  func hooks() async throws {
    final class Hook: TickHook, @unchecked Sendable {  // only touched on the loop's thread
      var left = 3
      var done: CheckedContinuation<Void, Never>?
      func tick() -> Bool {
        guard left > 0 else { return false }
        left -= 1
        if left == 0 { done?.resume() }
        return true
      }
    }
    try await withLoop { loop in
      let hook = Hook()
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        loop.execute {
          hook.done = continuation
          loop.addTickHook(hook)
        }
      }
      #expect(hook.left == 0)
    }
  }

  @Test("a cancelled sleep ends at once")
  func cancelledSleep() async throws {
    try await withLoop { loop in
      let task = Task { try await loop.run { try await loop.sleep(milliseconds: 60_000) } }
      let sleeper = Task(executorPreference: loop.taskExecutor) { try await loop.sleep(milliseconds: 60_000) }
      sleeper.cancel()
      task.cancel()
      await #expect(throws: CancellationError.self) { try await sleeper.value }
    }
  }

  @Test("a child's exit status is reported")
  func child() async throws {
    try await withLoop { loop in
      let exit = try await loop.run { () async throws -> ChildProcess.Exit in
        try await withCheckedThrowingContinuation { continuation in
          do {
            _ = try loop.spawn(ChildProcess.Options(executable: "/bin/sh", arguments: ["-c", "exit 7"])) {
              continuation.resume(returning: $0)
            }
          } catch {
            continuation.resume(throwing: error)
          }
        }
      }
      #expect(exit.status == 7)
    }
  }

  @Test("a poll tells when a pipe can be read")
  func pipe() async throws {
    try await withLoop { loop in
      var ends: [Int32] = [0, 0]
      #expect(Glibc.pipe(&ends) == 0)
      let (reader, writer) = (ends[0], ends[1])
      let readable = try await loop.run { () async throws -> Bool in
        let poll = try loop.poll(fileDescriptor: reader)
        return await withCheckedContinuation { continuation in
          poll.start(.readable) { _, events in
            poll.close()
            continuation.resume(returning: events.contains(.readable))
          }
          _ = write(writer, "x", 1)
        }
      }
      #expect(readable)
      close(reader)
      close(writer)
    }
  }
}
