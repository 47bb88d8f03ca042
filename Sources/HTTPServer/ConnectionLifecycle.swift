/// When a connection takes requests, when it ends, and when it took too long. Pure: the connection feeds it and
/// obeys.
struct ConnectionLifecycle: Equatable {
  enum Expiry: Equatable {
    case nothing
    /// The request at hand did not arrive in time and is to be told so.
    case requestTimeout
    case close
  }

  private enum State: Equatable {
    case open
    /// The answers under way are the last.
    case finishing
    /// Everything is written; what the client still sends is read and thrown away, because closing over unread
    /// bytes would make its system drop the answer.
    case lingering(since: UInt64)
    case closed
  }

  private var state = State.open
  private(set) var peerHasEnded = false
  /// When the header or body under way began; nil between requests.
  private var headerBegan: UInt64?
  private var bodyBegan: UInt64?
  private var lastActivity: UInt64 = 0
  /// Since when bytes wait to be written.
  private var writeBegan: UInt64?
  private var lastAnswerIsWritten = false

  var isClosed: Bool { state == .closed }
  var acceptsRequests: Bool { state == .open }
  var closesWhenWritten: Bool { lastAnswerIsWritten || peerHasEnded }

  mutating func opened(at now: UInt64) {
    lastActivity = now
    // A client that connects and sends nothing is idle; one that begins has the header's deadline.
  }

  /// Answers whether the connection ends with this request's answer.
  mutating func requestArrived(keepsAlive: Bool) -> Bool {
    headerBegan = nil
    bodyBegan = nil
    guard keepsAlive else {
      state = .finishing
      return true
    }
    return false
  }

  mutating func progress(inHeader: Bool, inBody: Bool, at now: UInt64) {
    lastActivity = now
    headerBegan = inHeader ? headerBegan ?? now : nil
    bodyBegan = inBody ? bodyBegan ?? now : nil
  }

  mutating func wrote(at now: UInt64, isDone: Bool) {
    lastActivity = now
    writeBegan = isDone ? nil : writeBegan ?? now
  }

  /// The peer sends no more. Answers whether the connection ends at once.
  mutating func peerEnded(isWaiting: Bool) -> Bool {
    peerHasEnded = true
    return !isWaiting
  }

  mutating func lastAnswerWritten() {
    if state == .open { state = .finishing }
    lastAnswerIsWritten = true
  }

  /// The last answer went to a client that is still sending. Answers false when it has been waited for already.
  mutating func linger(at now: UInt64) -> Bool {
    guard state == .finishing, !peerHasEnded else { return false }
    state = .lingering(since: now)
    return true
  }

  var isLingering: Bool {
    if case .lingering = state { true } else { false }
  }

  mutating func closed() {
    state = .closed
  }

  func expired(at now: UInt64, isWaiting: Bool, _ limits: HTTPServerConfiguration) -> Expiry {
    if state == .closed { return .nothing }
    if case .lingering(let since) = state { return now - since > limits.lingerTimeout ? .close : .nothing }
    if let began = writeBegan { return now - began > limits.writeTimeout ? .close : .nothing }
    if let began = headerBegan, now - began > limits.headerTimeout { return .requestTimeout }
    if let began = bodyBegan, now - began > limits.bodyTimeout { return .requestTimeout }
    if headerBegan == nil, bodyBegan == nil, !isWaiting, now - lastActivity > limits.idleTimeout { return .close }
    return .nothing
  }
}
