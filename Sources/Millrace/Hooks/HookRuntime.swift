import WorkflowEngine
import WorkflowStore

/// What all loops of a process share about hooks: where they are kept, the functions they may name, and who is told
/// that the outbox has something.
public final class HookRuntime: Sendable {
  public let backend: any HookBackend
  public let settings: HookSettings
  let functions: [String: HookFunction]
  private let waker = Waker()

  public init(
    backend: any HookBackend = DatabaseHookBackend(), functions: [String: HookFunction] = [:],
    settings: HookSettings = HookSettings()
  ) {
    self.backend = backend
    self.functions = functions
    self.settings = settings
  }

  /// The names that hooks may use.
  public var functionNames: [String] { functions.keys.sorted() }

  func onWake(_ body: (@Sendable () -> Void)?) { waker.onWake(body) }

  /// The outbox has something. From any thread; at once, and nothing depends on it.
  func wake() { waker.wake() }
}
