import API
import EventLoop

/// Runs an operation and hands on its responses, each when the client takes it: the next one is not made before. On the
/// loop's thread.
final class OperationRun: @unchecked Sendable {  // confined to its loop's thread
  private let operation: OperationResponses
  private var isCancelled = false

  /// - Parameters:
  ///   - send: gets each response.
  ///   - end: called once after the last one, unless the run was cancelled.
  init(
    _ operation: OperationResponses, gate: WriteGate, on loop: EventLoop,
    send: @escaping @Sendable (OperationResponses.Response) -> Void, end: @escaping @Sendable () -> Void
  ) {
    self.operation = operation
    // On the loop's next turn, so that whoever starts the run has it in hand before it ends.
    loop.execute { [self] in run(gate, loop, send, end) }
  }

  private func run(
    _ gate: WriteGate, _ loop: EventLoop, _ send: @escaping @Sendable (OperationResponses.Response) -> Void,
    _ end: @escaping @Sendable () -> Void
  ) {
    loop.start { [self] in
      while await gate.wait(), !isCancelled, let response = await operation.next() {
        guard !isCancelled, await gate.wait(), !isCancelled else { break }
        send(response)
      }
      guard !isCancelled, !gate.isClosed else { return operation.cancel() }
      end()
    }
  }

  /// Nothing is handed on from here on. A mutation that is under way is carried out nevertheless.
  func cancel() {
    isCancelled = true
    operation.cancel()
  }
}
