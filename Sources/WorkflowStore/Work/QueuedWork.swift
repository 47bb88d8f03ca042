import WorkflowEngine

/// One row of `scheduled_work`: a job or a timer.
public struct QueuedWork: Sendable, Hashable, Identifiable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Runs a handler, in a server or in an external worker.
    case job
    /// Tells the engine that a moment has come.
    case timer
  }

  /// The same in every attempt: what a job does elsewhere can be told from its repetition by it.
  public var id: EntityID
  public var kind: Kind
  /// Of a job the handler's name, of a timer what it is for.
  public var handler: String
  /// There is one row with a key at most.
  public var key: String?
  /// Nil where no work item waits for it.
  public var workItem: EntityID?
  public var caseID: EntityID?
  public var family: EntityID?
  /// JSON text.
  public var payload: String
  public var priority: Priority
  /// Attempts after which it is dead.
  public var maxAttempts: Int32
  /// When it may begin; nil for at once. Microseconds since 1970.
  public var dueAt: Int64?
  /// The attempt that is under way, counting from 1; 0 before the first.
  public var attempts: Int32
  /// Of the claim that is under way.
  public var fence: Int64

  public enum Priority: Int16, Sendable, CaseIterable, Comparable {
    case low = -1
    case normal = 0
    case high = 1

    public static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
  }

  public init(
    id: EntityID, kind: Kind, handler: String, key: String? = nil, workItem: EntityID? = nil, caseID: EntityID? = nil,
    family: EntityID? = nil, payload: String = "{}", priority: Priority = .normal, maxAttempts: Int32,
    dueAt: Int64? = nil, attempts: Int32 = 0, fence: Int64 = 0
  ) {
    self.id = id
    self.kind = kind
    self.handler = handler
    self.key = key
    self.workItem = workItem
    self.caseID = caseID
    self.family = family
    self.payload = payload
    self.priority = priority
    self.maxAttempts = maxAttempts
    self.dueAt = dueAt
    self.attempts = attempts
    self.fence = fence
  }
}
