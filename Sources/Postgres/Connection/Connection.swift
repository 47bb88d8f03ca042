import CLibpq
import EventLoop
import Logging

/// One libpq connection on a loop, in pipeline mode from the moment it is open.
///
/// The decisions are `PipelineState`'s; this class moves bytes. Whatever is in flight is owned here until it is
/// answered.
final class Connection {
  /// What a connection is used for decides its session.
  struct Session {
    var conninfo: String
    /// Command-line options for the backend, as in `-c name=value`.
    var options: String
    var statementCacheSize: Int
  }

  private let loop: EventLoop
  private let session: Session
  private let logger: Logger
  private var raw: OpaquePointer?
  private var poll: Poll?
  private var pipeline = PipelineState()
  private var operations: [Int: Operation] = [:]
  private var nextOperation = 0
  private var statements: [SQL: String] = [:]
  private var statementOrder: [SQL] = []
  private var nextStatement = 0
  /// Which statement a failed preparation belongs to.
  private var preparing: [String: SQL] = [:]
  private var preparationErrors: [String: PostgresError] = [:]
  private var wantsFlush = false
  /// Ends the wait of the handshake that is under way.
  private var endWait: (() -> Void)?
  private var isAbandoned = false
  private var finished: [(Operation, Result<Rows, PostgresError>)] = []
  /// Told once, when the connection is lost.
  var onClose: ((PostgresError) -> Void)?
  /// Told of each notification on a channel that the session listens to.
  var onNotification: ((_ channel: String, _ payload: String) -> Void)?
  /// Told when nothing is in flight any more.
  var onIdle: (() -> Void)?

  init(loop: EventLoop, session: Session, logger: Logger) {
    self.loop = loop
    self.session = session
    self.logger = logger
  }

  var isOpen: Bool { raw != nil && poll != nil }
  var inFlight: Int { pipeline.inFlight }

  /// Whether the session is inside a failed transaction block or any at all.
  var isInTransaction: Bool {
    guard let raw else { return false }
    let status = PQtransactionStatus(raw)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
  }

  // MARK: Opening

  /// Connects. Name resolution blocks, so libpq's start happens on the thread pool; the handshake is polled.
  func open(timeout milliseconds: UInt64) async throws(PostgresError) {
    let session = session
    let address = await loop.offload { () -> UInt in
      let pointer = Self.startConnecting(session)
      return UInt(bitPattern: pointer)
    }
    guard let raw = OpaquePointer(bitPattern: address) else {
      throw PostgresError(.unavailable, "libpq has no memory for a connection.")
    }
    if PQstatus(raw) == CONNECTION_BAD { throw failed(raw) }
    let deadline = loop.now + milliseconds
    var next = PGRES_POLLING_WRITING
    while next != PGRES_POLLING_OK {
      guard next != PGRES_POLLING_FAILED else { throw failed(raw) }
      // libpq may put another socket behind the same number between two polls, so every wait has a handle of
      // its own that is gone before libpq continues.
      let ready = await waitOnce(
        descriptor: PQsocket(raw), for: next == PGRES_POLLING_READING ? .readable : .writable, until: deadline)
      guard ready else {
        PQfinish(raw)
        throw PostgresError(.unavailable, "The database did not answer within \(milliseconds) ms.")
      }
      next = PQconnectPoll(raw)
    }
    PQsetnonblocking(raw, 1)
    _ = PQsetNoticeReceiver(raw, { _, _ in }, nil)
    guard PQenterPipelineMode(raw) == 1 else { throw failed(raw) }
    self.raw = raw
    do throws(EventLoopError) {
      let poll = try loop.poll(fileDescriptor: PQsocket(raw))
      self.poll = poll
      watch(.readable)
    } catch {
      self.raw = nil
      PQfinish(raw)
      throw PostgresError(.unavailable, "The connection cannot be watched: \(error)")
    }
  }

  /// Gives up opening: the server must not wait for the rest of the handshake when this process goes on without it.
  func abandon() {
    isAbandoned = true
    endWait?()
  }

  private static func startConnecting(_ session: Session) -> OpaquePointer? {
    let pairs = [
      ("dbname", session.conninfo), ("options", session.options), ("application_name", "millrace"),
      ("client_encoding", "UTF8"),
    ]
    var keys: [UnsafePointer<CChar>?] = []
    var values: [UnsafePointer<CChar>?] = []
    let storage = pairs.map { (Array($0.0.utf8CString), Array($0.1.utf8CString)) }
    return withExtendedLifetime(storage) {
      var copies: [UnsafeMutablePointer<CChar>] = []
      defer { for copy in copies { copy.deallocate() } }
      for pair in storage {
        for (text, isKey) in [(pair.0, true), (pair.1, false)] {
          let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
          for (index, character) in text.enumerated() { copy[index] = character }
          copies.append(copy)
          if isKey { keys.append(copy) } else { values.append(copy) }
        }
      }
      keys.append(nil)
      values.append(nil)
      return PQconnectStartParams(keys, values, 1)
    }
  }

  private func failed(_ raw: OpaquePointer) -> PostgresError {
    let message = PQerrorMessage(raw).map { String(cString: $0) } ?? "unknown"
    PQfinish(raw)
    return PostgresError(.unavailable, message.split(separator: "\n").joined(separator: " "))
  }

  private func waitOnce(descriptor: Int32, for events: Poll.Events, until deadline: UInt64) async -> Bool {
    guard !isAbandoned, descriptor >= 0, let poll = try? loop.poll(fileDescriptor: descriptor) else { return false }
    defer { endWait = nil }
    return await withUnsafeContinuation { continuation in
      var isDone = false
      var timer: LoopTimer?
      func finish(_ ready: Bool) {
        guard !isDone else { return }
        isDone = true
        timer?.cancel()
        poll.close()
        continuation.resume(returning: ready)
      }
      endWait = { finish(false) }
      timer = loop.timer(after: deadline > loop.now ? deadline - loop.now : 0) { finish(false) }
      poll.start(events) { _, _ in finish(true) }
    }
  }

  // MARK: Sending

  /// Hands a statement to libpq; it leaves with the next `flush`.
  func send(_ operation: Operation) {
    guard let raw else {
      operation.finish(.failure(PostgresError(.connectionLost, "The connection is closed.")))
      return
    }
    var name = statements[operation.sql]
    if name == nil { name = prepare(operation.sql, operation.parameters, raw) }
    guard let name, execute(name, operation.parameters, raw) else {
      operation.finish(.failure(lastError(raw)))
      return
    }
    let number = nextOperation
    nextOperation += 1
    operations[number] = operation
    pipeline.send(.execute(number))
  }

  private func prepare(_ sql: SQL, _ parameters: Parameters, _ raw: OpaquePointer) -> String? {
    if statements.count >= session.statementCacheSize, let oldest = statementOrder.first {
      statementOrder.removeFirst()
      if let name = statements.removeValue(forKey: oldest) {
        guard PQsendQueryParams(raw, "deallocate \(name)", 0, nil, nil, nil, nil, 1) == 1 else { return nil }
        let number = nextOperation
        nextOperation += 1
        operations[number] = Operation(sql, Parameters(), deadline: nil)
        pipeline.send(.execute(number))
      }
    }
    nextStatement += 1
    let name = "s\(nextStatement)"
    let sent = parameters.types.withUnsafeBufferPointer {
      PQsendPrepare(raw, name, sql.text, Int32(parameters.count), $0.baseAddress)
    }
    guard sent == 1 else { return nil }
    pipeline.send(.prepare(name))
    preparing[name] = sql
    statements[sql] = name
    statementOrder.append(sql)
    return name
  }

  private func execute(_ name: String, _ parameters: Parameters, _ raw: OpaquePointer) -> Bool {
    let formats = [Int32](repeating: 1, count: parameters.count)
    return parameters.bytes.withUnsafeBufferPointer { bytes in
      // An empty value needs a pointer too: nil means NULL.
      let empty: StaticString = ""
      let base = bytes.baseAddress ?? empty.utf8Start
      let values = parameters.starts.map { start -> UnsafePointer<CChar>? in
        start < 0 ? nil : UnsafeRawPointer(base + Int(start)).assumingMemoryBound(to: CChar.self)
      }
      return parameters.lengths.withUnsafeBufferPointer { lengths in
        PQsendQueryPrepared(raw, name, Int32(parameters.count), values, lengths.baseAddress, formats, 1) == 1
      }
    }
  }

  /// Ends the batch and writes everything that was handed to libpq. Answers whether there was anything.
  func flush() -> Bool {
    guard let raw, pipeline.needsSync else { return false }
    guard PQpipelineSync(raw) == 1 else {
      close(lastError(raw))
      return true
    }
    pipeline.send(.sync)
    continueFlush()
    return true
  }

  private func continueFlush() {
    guard let raw else { return }
    switch PQflush(raw) {
    case 0:
      if wantsFlush {
        wantsFlush = false
        watch(.readable)
      }
    case 1:
      wantsFlush = true
      watch([.readable, .writable])
    default:
      close(lastError(raw))
    }
  }

  private func lastError(_ raw: OpaquePointer) -> PostgresError {
    let message = PQerrorMessage(raw).map { String(cString: $0) } ?? ""
    return PostgresError(.connectionLost, message.split(separator: "\n").joined(separator: " "))
  }

  // MARK: Receiving

  private func watch(_ events: Poll.Events) {
    // The closure keeps the connection alive for as long as it is watched.
    poll?.start(events) { status, events in
      if status < 0 {
        self.close(PostgresError(.connectionLost, "The connection to the database failed."))
        return
      }
      if events.contains(.writable) { self.continueFlush() }
      if events.contains(.readable) { self.receive() }
    }
  }

  private func receive() {
    guard let raw else { return }
    let consumed = PQconsumeInput(raw)
    takeResults(raw)
    takeNotifications()
    if self.raw != nil, consumed == 0 || PQstatus(raw) == CONNECTION_BAD || PQsocket(raw) < 0 {
      close(lastError(raw))
    }
  }

  private func takeNotifications() {
    while let raw, let notification = PQnotifies(raw) {
      onNotification?(String(cString: notification.pointee.relname), String(cString: notification.pointee.extra))
      PQfreemem(notification)
    }
  }

  /// Operations are told of their results only when libpq is between two commands: whoever is told may send, and
  /// a command that is sent while another's results are being read swallows the end of these.
  private func takeResults(_ raw: OpaquePointer) {
    readResults(raw)
    let told = finished
    finished = []
    for (operation, result) in told { operation.finish(result) }
    if pipeline.isIdle { onIdle?() }
  }

  private func readResults(_ raw: OpaquePointer) {
    while self.raw != nil, !pipeline.isIdle, PQisBusy(raw) == 0 {
      let result = PQgetResult(raw)
      let event: PipelineState.Event
      switch result.map({ PQresultStatus($0) }) {
      case nil: event = .end
      case PGRES_PIPELINE_SYNC: event = .synchronised
      case PGRES_PIPELINE_ABORTED: event = .aborted
      case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: event = .failure
      default: event = .rows
      }
      if carryOut(pipeline.receive(event), result) { return }
    }
  }

  private func finish(_ number: Int, _ result: Result<Rows, PostgresError>) {
    if let operation = operations.removeValue(forKey: number) { finished.append((operation, result)) }
  }

  /// Answers whether libpq has nothing more for now.
  private func carryOut(_ action: PipelineState.Action, _ result: OpaquePointer?) -> Bool {
    var isTaken = false
    defer { if !isTaken, let result { PQclear(result) } }
    switch action {
    case .none: return false
    case .wait: return true
    case .succeed(let number):
      guard let result else { return false }
      isTaken = true
      finish(number, .success(Rows(result)))
    case .fail(let number):
      let error = result.map { PostgresError($0) } ?? PostgresError(.connectionLost, "No result.")
      finish(number, .failure(error))
    case .abort(let number):
      let error = operations[number]?.preparationError
      finish(number, .failure(error ?? PostgresError(.aborted, "A statement before this one failed.")))
    case .forget(let name):
      forget(name, result)
    case .broken:
      close(PostgresError(.connectionLost, "The database answered out of order."))
      return true
    }
    return false
  }

  private func forget(_ name: String, _ result: OpaquePointer?) {
    guard let sql = preparing.removeValue(forKey: name) else { return }
    statements[sql] = nil
    statementOrder.removeAll { $0 == sql }
    guard let result, PQresultStatus(result) == PGRES_FATAL_ERROR else { return }
    // The statement right behind is the one that was to be prepared.
    let error = PostgresError(result)
    for operation in operations.values where operation.sql == sql { operation.preparationError = error }
  }

  // MARK: Closing

  /// Asks the server to stop what it does for this connection. libpq blocks for that, so a thread does it.
  func cancel() {
    guard let raw, let handle = PQgetCancel(raw) else { return }
    let address = UInt(bitPattern: handle)
    let loop = loop
    loop.start {
      _ = await loop.offload { () -> Bool in
        guard let handle = OpaquePointer(bitPattern: address) else { return false }
        var message = [CChar](repeating: 0, count: 256)
        let sent = PQcancel(handle, &message, Int32(message.count)) == 1
        PQfreeCancel(handle)
        return sent
      }
    }
  }

  /// What is in flight fails; the owner is told.
  func close(_ error: PostgresError = PostgresError(.connectionLost, "The connection was closed.")) {
    guard let raw else { return }
    self.raw = nil
    poll?.close()
    poll = nil
    PQfinish(raw)
    _ = pipeline.drop()
    let lost = operations.sorted { $0.key < $1.key }.map(\.value)
    operations = [:]
    statements = [:]
    statementOrder = []
    let reason = PostgresError(.connectionLost, error.message)
    for operation in lost { operation.finish(.failure(reason)) }
    onClose?(reason)
    onClose = nil
    onIdle = nil
    onNotification = nil
  }

  /// Cancels what is past its deadline, and answers whether anything was.
  func expire(at now: UInt64) -> Bool {
    var expired = false
    for operation in operations.values {
      guard let deadline = operation.deadline, deadline <= now, !operation.isFinished else { continue }
      operation.finish(.failure(PostgresError(.deadlineExceeded, "The statement took too long and was cancelled.")))
      expired = true
    }
    if expired { cancel() }
    return expired
  }
}
