/// Does what others have left for after their commit. On its loop's thread.
public protocol BackgroundWorker: AnyObject, Sendable {
  /// Called when more may wait than this worker can do, often.
  var onHelpWanted: (() -> Void)? { get set }
  /// Begins.
  func start()
  /// Looks without waiting for the next time.
  func wake()
  /// Begins nothing more, waits for what is under way, and gives back what is not begun.
  func stop(graceMilliseconds: UInt64) async
}

extension HookWorker: BackgroundWorker {}
extension JobWorker: BackgroundWorker {}
