import API
import EventLoop
import HTTPServer

/// One stream of server-sent events: of one operation, or of all that name its token. On the loop's thread.
final class EventStream: @unchecked Sendable {  // confined to its loop's thread
  let loop: EventLoop
  /// Of the stream's own loop.
  private let service: GraphQLService
  private let stream: HTTPResponseStream
  private let gate: WriteGate
  private var keepAlive: LoopTimer?
  private var runs: [String: OperationRun] = [:]
  private let onEnd: () -> Void

  /// - Parameter onEnd: called once when the stream ends, whoever ends it.
  init(
    _ stream: HTTPResponseStream, service: GraphQLService, loop: EventLoop, keepAlive milliseconds: UInt64,
    onEnd: @escaping () -> Void
  ) {
    self.stream = stream
    self.service = service
    self.loop = loop
    self.onEnd = onEnd
    gate = WriteGate { [unowned stream] in stream.isWritable }
    stream.onDrain = { [gate] in gate.drained() }
    stream.onClose = { self.end() }
    // The client is not told that its operations are complete: it is to come again.
    stream.onStop = { self.finish() }
    keepAlive = loop.timer(after: milliseconds, repeating: milliseconds) { [unowned stream] in
      if stream.isWritable { stream.write(EventStreamFormat.comment) }
    }
    // The answer's header leaves at once, also when the first event takes its time.
    stream.write(EventStreamFormat.comment)
  }

  var isOpen: Bool { !gate.isClosed }
  var operationCount: Int { runs.count }

  func isRunning(_ id: String) -> Bool { runs[id] != nil }

  // MARK: One operation

  /// Runs the operation that this stream is for, and ends with it.
  func run(only request: GraphQLRequest) {
    runs[""] = OperationRun(
      service.open(request), gate: gate, on: loop,
      send: { [self] response in
        stream.write(EventStreamFormat.event("next", id: response.eventID, data: response.response.body))
      },
      end: { [self] in
        stream.write(EventStreamFormat.event("complete", data: []))
        finish()
      })
  }

  // MARK: Several operations

  func run(_ id: String, _ request: GraphQLRequest) {
    runs[id] = OperationRun(
      service.open(request), gate: gate, on: loop,
      send: { [self] response in
        let data = EventStreamFormat.envelope(id: id, payload: response.response.body)
        stream.write(EventStreamFormat.event("next", data: data))
      },
      end: { [self] in complete(id) })
  }

  private func complete(_ id: String) {
    runs[id] = nil
    stream.write(EventStreamFormat.event("complete", data: EventStreamFormat.envelope(id: id, payload: nil)))
  }

  /// Ends one operation. Answers whether there was one.
  func stop(_ id: String) -> Bool {
    guard let run = runs.removeValue(forKey: id) else { return false }
    run.cancel()
    stream.write(EventStreamFormat.event("complete", data: EventStreamFormat.envelope(id: id, payload: nil)))
    return true
  }

  // MARK: The end

  private func finish() {
    stream.finish()
    end()
  }

  private func end() {
    guard isOpen else { return }
    keepAlive?.cancel()
    keepAlive = nil
    gate.close()
    for run in runs.values { run.cancel() }
    runs = [:]
    onEnd()
  }
}
