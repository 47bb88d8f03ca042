import CLibuv
import Glibc

/// Loops, each on a thread of its own.
public final class EventLoopGroup: @unchecked Sendable {  // `threads` is only touched by whoever starts and joins
  public let loops: [EventLoop]
  private var threads: [pthread_t] = []

  /// - Parameter count: how many loops; at least one.
  public init(count: Int) throws(EventLoopError) {
    var loops: [EventLoop] = []
    for number in 0..<max(count, 1) { loops.append(try EventLoop(name: "loop-\(number)")) }
    self.loops = loops
  }

  public func start() {
    for loop in loops {
      var thread = pthread_t()
      let argument = Unmanaged.passRetained(loop).toOpaque()
      var attributes = pthread_attr_t()
      pthread_attr_init(&attributes)
      // As much as a main thread has: selections and values nest, and a stack overflow cannot be caught.
      pthread_attr_setstacksize(&attributes, 8 << 20)
      pthread_create(
        &thread, &attributes,
        { argument in
          if let argument { Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue().run() }
          return nil
        }, argument)
      pthread_attr_destroy(&attributes)
      threads.append(thread)
    }
  }

  public func stop() {
    for loop in loops { loop.stop() }
  }

  /// Waits until every loop has ended.
  public func join() {
    for thread in threads { pthread_join(thread, nil) }
    threads = []
  }
}
