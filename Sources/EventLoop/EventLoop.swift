import CLibuv
import CLoop
import Synchronization

/// One thread with one libuv loop, which is also a Swift executor: `async` code started on a loop stays on its
/// thread.
///
/// Everything but `execute`, `run(_:)`, `stop` and the executor's queue belongs to the loop's own thread.
public final class EventLoop: TaskExecutor, @unchecked Sendable {  // confined to its thread, but for the locked queue
  public let name: String
  public let uv: UnsafeMutablePointer<uv_loop_t>

  private let wakeUp = Handle<uv_async_t>()
  private let prepare = Handle<uv_prepare_t>()
  private let idle = Handle<uv_idle_t>()
  private var ring: ContiguousArray<Work> = []
  private var hooks: [any TickHook] = []
  private var isStopped = false
  private let incoming = Mutex(Incoming())

  /// What other threads hand over.
  private struct Incoming {
    var work: ContiguousArray<Work> = []
    /// The loop was told that there is work.
    var isSignalled = false
    /// The loop has ended; nothing will run any more.
    var isClosed = false
  }

  enum Work {
    case job(UnownedJob)
    case body(@Sendable () -> Void)
  }

  public init(name: String) throws(EventLoopError) {
    self.name = name
    uv = .allocate(capacity: 1)
    try EventLoopError.check(uv_loop_init(uv), "uv_loop_init")
    try EventLoopError.check(
      uv_async_init(uv, wakeUp.pointer) { handle in
        guard let handle, let loop = owner(handle.pointee.data, EventLoop.self) else { return }
        loop.takeIncoming()
        loop.drain()
      }, "uv_async_init")
    uv_prepare_init(uv, prepare.pointer)
    uv_idle_init(uv, idle.pointer)
    // Unretained on purpose: the loop owns these three and closes them itself.
    for base in [wakeUp.base, prepare.base, idle.base] {
      base.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }
    uv_prepare_start(prepare.pointer) { handle in
      guard let handle, let loop = owner(handle.pointee.data, EventLoop.self) else { return }
      loop.endTick()
    }
    uv_unref(prepare.base)
  }

  deinit {
    uv.deallocate()
  }

  /// The loop whose thread this is.
  public static var current: EventLoop? {
    millrace_current_loop().map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
  }

  public var isCurrent: Bool {
    millrace_current_loop() == Unmanaged.passUnretained(self).toOpaque()
  }

  /// Milliseconds on a clock that never goes back, as of the beginning of this tick.
  public var now: UInt64 { uv_now(uv) }

  // MARK: Running

  /// Runs on the calling thread until `stop`, then closes everything that is still open.
  public func run() {
    millrace_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
    while !isStopped { uv_run(uv, UV_RUN_DEFAULT) }
    for hook in hooks { hook.loopWillClose() }
    hooks = []
    drain()
    closeAll()
    millrace_set_current_loop(nil)
  }

  private func closeAll() {
    takeIncoming()
    drain()
    incoming.withLock { $0.isClosed = true }
    for base in [wakeUp.base, prepare.base, idle.base] { base.pointee.data = nil }
    wakeUp.close()
    prepare.close()
    idle.close()
    uv_walk(
      uv,
      { handle, _ in
        guard let handle, uv_is_closing(handle) == 0 else { return }
        uv_close(handle) { closed in
          guard let closed else { return }
          if let data = closed.pointee.data { Unmanaged<AnyObject>.fromOpaque(data).release() }
          UnsafeMutableRawPointer(closed).deallocate()
        }
      }, nil)
    while uv_run(uv, UV_RUN_NOWAIT) != 0 {}
    uv_loop_close(uv)
  }

  /// Ends `run` after this tick. From any thread.
  public func stop() {
    execute {
      self.isStopped = true
      uv_stop(self.uv)
    }
  }

  // MARK: Work

  /// Runs the body on the loop, after what was handed over before. From any thread.
  public func execute(_ body: @escaping @Sendable () -> Void) {
    enqueue(.body(body))
  }

  func enqueue(_ work: Work) {
    if isCurrent {
      ring.append(work)
      return
    }
    // The loop is signalled under the lock: it closes its handle under the same lock.
    incoming.withLock { incoming in
      guard !incoming.isClosed else { return }
      incoming.work.append(work)
      guard !incoming.isSignalled else { return }
      incoming.isSignalled = true
      uv_async_send(wakeUp.pointer)
    }
  }

  private func takeIncoming() {
    incoming.withLock { incoming in
      incoming.isSignalled = false
      ring.append(contentsOf: incoming.work)
      incoming.work.removeAll(keepingCapacity: true)
    }
  }

  /// Runs queued work until none is left; work may queue more.
  @discardableResult
  private func drain() -> Bool {
    guard !ring.isEmpty else { return false }
    // Bounded, so that work which always queues more cannot keep the loop from its sockets.
    var rounds = 0
    while !ring.isEmpty, rounds < 1_000 {
      var batch: ContiguousArray<Work> = []
      swap(&batch, &ring)
      for work in batch {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .body(let body): body()
        }
      }
      rounds += 1
    }
    return true
  }

  /// Before the loop blocks: queued work and hooks, until nothing changes.
  private func endTick() {
    var rounds = 0
    var worked = true
    while worked, rounds < 100 {
      worked = drain()
      for hook in hooks where hook.tick() { worked = true }
      rounds += 1
    }
    if worked || !ring.isEmpty {
      uv_idle_start(idle.pointer) { handle in
        guard let handle else { return }
        uv_idle_stop(handle)
      }
    }
  }

  /// Has `hook` called at the end of every tick.
  public func addTickHook(_ hook: any TickHook) {
    hooks.append(hook)
  }

  public func removeTickHook(_ hook: any TickHook) {
    hooks.removeAll { $0 === hook }
  }

  // MARK: Tasks

  /// The loop is itself the executor of the tasks that prefer it.
  public var taskExecutor: EventLoop { self }

  public func enqueue(_ job: consuming ExecutorJob) {
    enqueue(.job(UnownedJob(job)))
  }

  /// Starts `body` at once, on this thread; it stays on the loop across suspensions.
  ///
  /// - Precondition: called on the loop's thread.
  @discardableResult
  public func start(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    Task.immediate(executorPreference: taskExecutor) { await body() }
  }

  /// Runs `body` on the loop from a task elsewhere.
  public func run<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await Task(executorPreference: taskExecutor) { try await body() }.value
  }

  /// Suspends for a time; ends early with `CancellationError` when the task is cancelled.
  public func sleep(milliseconds: UInt64) async throws {
    let state = SleepState()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        state.begin(continuation)
        state.timer = timer(after: milliseconds) { state.finish(.success(())) }
      }
    } onCancel: {
      execute {
        state.timer?.cancel()
        state.finish(.failure(CancellationError()))
      }
    }
  }

  /// Runs blocking work on libuv's thread pool and resumes here.
  public func offload<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      let request = OffloadRequest {
        let result = work()
        return { continuation.resume(returning: result) }
      }
      request.start(on: uv)
    }
  }
}

/// Something to be done at the end of every tick, before the loop blocks.
public protocol TickHook: AnyObject {
  /// Answers true when it did work; hooks are called again until none did.
  func tick() -> Bool
  /// The loop stops: handles will be closed behind the hook's back.
  func loopWillClose()
}

extension TickHook {
  public func loopWillClose() {}
}

/// A sleep that ends once, by its timer or by cancellation.
private final class SleepState: @unchecked Sendable {  // confined to the loop's thread
  private var continuation: CheckedContinuation<Void, any Error>?
  private var early: Result<Void, any Error>?
  var timer: LoopTimer?

  func begin(_ continuation: CheckedContinuation<Void, any Error>) {
    if let early {
      continuation.resume(with: early)
    } else {
      self.continuation = continuation
    }
  }

  func finish(_ result: Result<Void, any Error>) {
    early = result
    continuation?.resume(with: result)
    continuation = nil
  }
}

/// Work on the thread pool; keeps itself alive until it is done.
private final class OffloadRequest {
  private let request = UnsafeMutablePointer<uv_work_t>.allocate(capacity: 1)
  private let work: () -> () -> Void
  private var finish: () -> Void = {}

  init(_ work: @escaping () -> () -> Void) {
    self.work = work
  }

  func start(on loop: UnsafeMutablePointer<uv_loop_t>) {
    request.pointee.data = Unmanaged.passRetained(self).toOpaque()
    uv_queue_work(
      loop, request,
      { request in
        guard let request, let this = owner(request.pointee.data, OffloadRequest.self) else { return }
        this.finish = this.work()
      },
      { request, _ in
        guard let request, let data = request.pointee.data else { return }
        let this = Unmanaged<OffloadRequest>.fromOpaque(data).takeRetainedValue()
        this.finish()
        request.deallocate()
      })
  }
}
