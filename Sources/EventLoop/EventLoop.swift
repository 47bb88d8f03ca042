import CLibuv
import CLoop
import Synchronization

/// One thread with one libuv loop, which is also a Swift executor: `async` code started on a loop stays on its
/// thread.
///
/// Everything but `execute`, `run(_:)`, `sleep`, `offload`, `stop` and the executor's queue belongs to the loop's own
/// thread.
public final class EventLoop: TaskExecutor, @unchecked Sendable {  // confined to its thread, but for the locked queue
  public let name: String
  public let uv: UnsafeMutablePointer<uv_loop_t>

  private let wakeUp = Handle<uv_async_t>()
  private let prepare = Handle<uv_prepare_t>()
  private let idle = Handle<uv_idle_t>()
  private var ring: ContiguousArray<Work> = []
  /// Takes turns with `ring`, so that draining does not allocate.
  private var spare: ContiguousArray<Work> = []
  private var hooks: [any TickHook] = []
  private var isStopped = false
  /// libuv's loop is initialised and not closed yet.
  private var isOpen = false
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
    let code = uv_async_init(uv, wakeUp.pointer) { handle in
      guard let handle, let loop = owner(handle.pointee.data, EventLoop.self) else { return }
      loop.takeIncoming()
      loop.drain()
    }
    if code < 0 {
      uv_loop_close(uv)
      throw EventLoopError(code: code, operation: "uv_async_init")
    }
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
    isOpen = true
  }

  deinit {
    // A loop that never ran still has its descriptors.
    if isOpen { close() }
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
    // Work that comes from elsewhere from here on has no loop to run on.
    incoming.withLock { $0.isClosed = true }
    takeIncoming()
    close()
    millrace_set_current_loop(nil)
  }

  /// Closes what users of the loop left open.
  private func closeHandles() {
    uv_walk(
      uv,
      { handle, _ in
        guard let handle, uv_is_closing(handle) == 0, let data = handle.pointee.data else { return }
        (Unmanaged<AnyObject>.fromOpaque(data).takeUnretainedValue() as? any HandleOwner)?.loopEnds()
      }, nil)
  }

  /// Closes the loop itself and waits for the thread pool.
  private func close() {
    isOpen = false
    incoming.withLock { $0.isClosed = true }
    for base in [wakeUp.base, prepare.base, idle.base] { base.pointee.data = nil }
    wakeUp.close()
    prepare.close()
    idle.close()
    closeHandles()
    // A handle of another module, whose memory is that module's, must not keep the loop from closing.
    uv_walk(
      uv,
      { handle, _ in
        guard let handle, uv_is_closing(handle) == 0 else { return }
        uv_close(handle, nil)
      }, nil)
    // Sleeps end with the loop, and the tasks that they wake may begin others: some rounds, not forever.
    var rounds = 0
    var isAlive = true
    while isAlive || (!ring.isEmpty && rounds < 100) {
      drain()
      closeHandles()
      isAlive = uv_run(uv, UV_RUN_ONCE) != 0
      rounds += 1
    }
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
    while !ring.isEmpty, rounds < 100 {
      var batch = spare
      spare = []
      swap(&batch, &ring)
      for work in batch {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .body(let body): body()
        }
      }
      batch.removeAll(keepingCapacity: batch.capacity <= 4_096)
      spare = batch
      rounds += 1
    }
    return true
  }

  /// Before the loop blocks: queued work and hooks, until nothing changes.
  private func endTick() {
    var rounds = 0
    var worked = true
    while worked, rounds < 20 {
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

  /// Runs `body` on the loop for a task that is elsewhere; that task's cancellation reaches `body`.
  public func run<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task(executorPreference: taskExecutor) { try await body() }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }
}
