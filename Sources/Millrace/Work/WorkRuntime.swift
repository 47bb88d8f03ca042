/// What all loops of a process share about scheduled work: its handlers and settings, and who is told that there is
/// some.
public final class WorkRuntime: Sendable {
  public let settings: WorkSettings
  let handlers: [String: JobHandler]
  private let waker = Waker()

  public init(handlers: [String: JobHandler] = [:], settings: WorkSettings = WorkSettings()) {
    self.handlers = handlers
    self.settings = settings
  }

  /// The names of the handlers that this server has.
  public var handlerNames: [String] { handlers.keys.sorted() }

  func onWake(_ body: (@Sendable () -> Void)?) { waker.onWake(body) }

  /// There is something to do. From any thread; at once, and nothing depends on it.
  func wake() { waker.wake() }
}
