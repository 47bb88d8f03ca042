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

  @Test("hooks run in the order in which they were added, and no longer once removed")
  func hookOrder() async throws {
    final class Hook: TickHook, @unchecked Sendable {  // only touched on the loop's thread
      let name: String
      let log: Log
      init(_ name: String, _ log: Log) {
        self.name = name
        self.log = log
      }
      func tick() -> Bool {
        log.entries.append(name)
        return false
      }
    }
    try await withLoop { loop in
      let log = Log()
      let hooks = [Hook("first", log), Hook("second", log)]
      try await loop.run {
        for hook in hooks { loop.addTickHook(hook) }
        try await loop.sleep(milliseconds: 1)
        loop.removeTickHook(hooks[1])
        let (called, count) = (
          log.entries.starts(with: ["first", "second"]), log.entries.filter { $0 == "second" }.count
        )
        try await loop.sleep(milliseconds: 1)
        #expect(called)
        #expect(log.entries.filter { $0 == "second" }.count == count)
      }
    }
  }

  private final class Log: @unchecked Sendable {  // only touched on the loop's thread
    var entries: [String] = []
  }

  @Test("a timer repeats until it is cancelled")
  func repeatingTimer() async throws {
    try await withLoop { loop in
      let log = Log()
      try await loop.run {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
          let timer = loop.timer(after: 1, repeating: 1) { log.entries.append("fired") }
          loop.timer(after: 40) {
            timer.cancel()
            log.entries.append("cancelled")
          }
          loop.timer(after: 80) { continuation.resume() }
        }
        #expect(log.entries.count > 2)
        #expect(log.entries.last == "cancelled")
      }
    }
  }

  @Test("a cancelled sleep ends at once, also when its task waits for the loop from elsewhere")
  func cancelledSleep() async throws {
    try await withLoop { loop in
      let waiting = Task { try await loop.run { try await loop.sleep(milliseconds: 60_000) } }
      let sleeper = Task(executorPreference: loop.taskExecutor) { try await loop.sleep(milliseconds: 60_000) }
      sleeper.cancel()
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await sleeper.value }
      await #expect(throws: CancellationError.self) { try await waiting.value }
    }
  }

  @Test("a sleep ends with its loop, and a timer may be cancelled after that")
  func sleepEndsWithLoop() async throws {
    let group = try EventLoopGroup(count: 1)
    group.start()
    let loop = group.loops[0]
    let (timer, sleeper) = try await loop.run {
      let sleeper = Task.immediate(executorPreference: loop.taskExecutor) { try await loop.sleep(milliseconds: 60_000) }
      return (loop.timer(after: 60_000) {}, sleeper)
    }
    group.stop()
    group.join()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
    timer.cancel()
  }

  @Test("work on the thread pool is finished before its loop ends")
  func offloadEndsBeforeLoop() async throws {
    let group = try EventLoopGroup(count: 1)
    group.start()
    let loop = group.loops[0]
    let task = try await loop.run {
      Task.immediate(executorPreference: loop.taskExecutor) {
        await loop.offload {
          usleep(20_000)
          return 5
        }
      }
    }
    group.stop()
    group.join()
    #expect(await task.value == 5)
  }

  @Test("a loop that never ran gives back its descriptors")
  func unusedLoop() throws {
    for _ in 0..<2_000 { _ = try EventLoop(name: "unused") }
  }

  @Test("a signal is told to its watcher until that is cancelled")
  func signals() async throws {
    try await withLoop { loop in
      try await loop.run {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
          do {
            var watcher: SignalWatcher?
            watcher = try loop.signal(SIGUSR2) {
              watcher?.cancel()
              continuation.resume()
            }
            kill(getpid(), SIGUSR2)
          } catch {
            continuation.resume(throwing: error)
          }
        }
      }
    }
  }

  @Test("a program that does not exist cannot be started, and says so")
  func missingProgram() async throws {
    try await withLoop { loop in
      for _ in 0..<20 {
        await #expect(throws: EventLoopError.self) {
          try await loop.run {
            _ = try loop.spawn(ChildProcess.Options(executable: "/nowhere/at/all", arguments: [])) { _ in }
            try await loop.sleep(milliseconds: 1)
          }
        }
      }
    }
  }

  @Test("a child can be told to end, and keeps its number after that")
  func signalledChild() async throws {
    try await withLoop { loop in
      try await loop.run {
        var options = ChildProcess.Options(executable: "/bin/sleep", arguments: ["60"])
        options.isDetached = true
        options.environment = ["PATH=/bin"]
        options.workingDirectory = "/"
        let box = ChildBox()
        let exit = try await withCheckedThrowingContinuation { continuation in
          do {
            let child = try loop.spawn(options) { continuation.resume(returning: $0) }
            box.child = child
            child.signal(SIGTERM)
          } catch {
            continuation.resume(throwing: error)
          }
        }
        #expect(exit.signal == SIGTERM)
        try await loop.sleep(milliseconds: 1)
        #expect(box.child.map { !$0.isRunning && $0.pid > 1 } == true)
        box.child?.signal(SIGTERM)
      }
    }
  }

  private final class ChildBox: @unchecked Sendable {  // only touched on the loop's thread
    var child: ChildProcess?
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
