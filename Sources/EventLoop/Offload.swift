import CLibuv

extension EventLoop {
  /// Runs blocking work on libuv's thread pool and resumes here.
  public func offload<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      let request = OffloadRequest {
        let result = work()
        return { continuation.resume(returning: result) }
      }
      // The thread pool's queue is filled from the loop's thread only.
      if isCurrent { request.start(on: uv) } else { execute { request.start(on: self.uv) } }
    }
  }
}

/// Work on the thread pool; keeps itself alive until it is done.
private final class OffloadRequest: @unchecked Sendable {  // one thread after the other: loop, pool, loop
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
