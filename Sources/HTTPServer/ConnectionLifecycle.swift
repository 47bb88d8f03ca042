/// When a connection takes requests, when it ends, and when it took too long. Pure: the connection feeds it and
/// obeys.
struct ConnectionLifecycle: Equatable {
  enum Expiry: Equatable {
    case nothing
    /// The request at hand did not arrive in time and is to be told so.
    case requestTimeout
    case close
  }

  enum End: Equatable {
    case close
    /// Bytes of the client are still on their way. A socket closed over them resets the connection, which may cost
    /// the client the answer: stop sending, and throw away what comes (RFC 9112, section 9.6).
    case linger
  }

  private enum State: Equatable {
    case open
    /// The answers under way are the last.
    case finishing
    /// Another protocol has the connection; how long it may be idle is that protocol's matter.
    case upgraded
    /// The last answer is written; what still comes is thrown away.
    case lingering(since: UInt64)
    case closed
  }

  private var state = State.open
  private(set) var peerHasEnded = false
  /// When the header or body under way began; nil between requests.
  private var headerBegan: UInt64?
  private var bodyBegan: UInt64?
  private var lastActivity: UInt64 = 0
  /// Since when the client has taken none of the bytes that wait to be written.
  private var writeBegan: UInt64?
  private var unwritten = 0
  private var lastAnswerIsWritten = false
  private var hasUnreadBytes = false
  /// An answer without a known end is being written.
  private var isStreaming = false
  /// Bytes of the streamed body under way, when its clock was last set.
  private var streamedAtStart = 0

  var isClosed: Bool { state == .closed }
  var isLingering: Bool { if case .lingering = state { true } else { false } }
  var isUpgraded: Bool { state == .upgraded }
  var acceptsRequests: Bool { state == .open }
  var closesWhenWritten: Bool { lastAnswerIsWritten || peerHasEnded }

  mutating func opened(at now: UInt64) {
    lastActivity = now
  }

  /// Answers whether the connection ends with this request's answer.
  mutating func requestArrived(keepsAlive: Bool, at now: UInt64) -> Bool {
    headerBegan = nil
    bodyBegan = nil
    lastActivity = now
    if !keepsAlive { state = .finishing }
    return !keepsAlive
  }

  /// The request at hand is answered without having been read to its end.
  mutating func requestFailed() {
    headerBegan = nil
    bodyBegan = nil
    state = .finishing
    hasUnreadBytes = true
  }

  /// The client sent more after its last request.
  mutating func leftBytesUnread() {
    hasUnreadBytes = true
  }

  /// Bytes between requests do not count as activity: a client cannot stay for ever by sending line ends.
  ///
  /// - Parameter streamed: bytes of a body that is taken in parts, nil for others. Such a body may be large, so its
  ///   clock starts again with every `streamedStretch` bytes: not the whole has to come in time, but each of these.
  mutating func progress(inHeader: Bool, inBody: Bool, streamed: Int? = nil, at now: UInt64) {
    if inHeader || inBody { lastActivity = now }
    headerBegan = inHeader ? headerBegan ?? now : nil
    if inBody, bodyBegan == nil {
      streamedAtStart = 0
    } else if inBody, let streamed, streamed - streamedAtStart >= Self.streamedStretch {
      streamedAtStart = streamed
      bodyBegan = now
    }
    bodyBegan = inBody ? bodyBegan ?? now : nil
  }

  /// Bytes of a streamed body that have to arrive within the limit for bodies.
  static let streamedStretch = 65_536

  mutating func streamBegan() {
    isStreaming = true
  }

  mutating func streamEnded() {
    isStreaming = false
  }

  /// Another protocol takes the connection over.
  mutating func upgraded() {
    headerBegan = nil
    bodyBegan = nil
    state = .upgraded
  }

  /// Reading goes on after a time in which the client could not have been faster.
  mutating func resumedReading(at now: UInt64) {
    if headerBegan != nil { headerBegan = now }
    if bodyBegan != nil { bodyBegan = now }
  }

  /// So many bytes wait to be written. As long as they become fewer, the client is only slow.
  mutating func wrote(remaining: Int, at now: UInt64) {
    lastActivity = now
    if remaining == 0 {
      writeBegan = nil
    } else if writeBegan == nil || remaining < unwritten {
      writeBegan = now
    }
    unwritten = remaining
  }

  /// The peer sends no more. Answers whether the connection ends at once: with nothing to wait for, or with
  /// something that would never end by itself.
  mutating func peerEnded(isWaiting: Bool) -> Bool {
    peerHasEnded = true
    return !isWaiting || isStreaming || state == .upgraded
  }

  mutating func lastAnswerWritten() {
    if state == .open || state == .upgraded { state = .finishing }
    lastAnswerIsWritten = true
  }

  /// Nothing is left to be written.
  mutating func allWritten(at now: UInt64) -> End {
    guard hasUnreadBytes, !peerHasEnded else { return .close }
    state = .lingering(since: now)
    return .linger
  }

  mutating func closed() {
    state = .closed
  }

  func expired(at now: UInt64, isWaiting: Bool, _ limits: HTTPServerConfiguration) -> Expiry {
    switch state {
    case .closed: return .nothing
    case .lingering(let since): return now - since > limits.lingerTimeout ? .close : .nothing
    case .open, .finishing, .upgraded: break
    }
    if let began = writeBegan { return now - began > limits.writeTimeout ? .close : .nothing }
    if let began = headerBegan, now - began > limits.headerTimeout { return .requestTimeout }
    if let began = bodyBegan, now - began > limits.bodyTimeout { return .requestTimeout }
    if state == .upgraded { return .nothing }
    if headerBegan == nil, bodyBegan == nil, !isWaiting, now - lastActivity > limits.idleTimeout { return .close }
    return .nothing
  }
}
