import WorkflowEngine

/// One row of `hook_deliveries`: an event that a hook is to be told of.
public struct HookDelivery: Sendable, Hashable, Identifiable {
  public enum Status: String, Sendable, CaseIterable {
    case pending, delivered, dead, cancelled
  }

  /// The same in every attempt.
  public var id: EntityID
  public var hook: EntityID
  public var family: EntityID
  /// The event's number in its family; nil for a test.
  public var sequence: Int64?
  public var event: String
  public var caseID: EntityID
  public var workItem: EntityID?
  /// JSON text.
  public var payload: String
  public var isOrdered: Bool
  /// How many deliveries caused each other up to this one; 1 for an event that a client caused.
  public var depth: Int16
  public var status: Status
  public var lastError: String?
  /// The attempt that is under way, counting from 1.
  public var attempts: Int32

  public init(
    id: EntityID, hook: EntityID, family: EntityID, sequence: Int64?, event: String, caseID: EntityID,
    workItem: EntityID?, payload: String, isOrdered: Bool, depth: Int16 = 1, status: Status = .pending,
    lastError: String? = nil, attempts: Int32 = 0
  ) {
    self.id = id
    self.hook = hook
    self.family = family
    self.sequence = sequence
    self.event = event
    self.caseID = caseID
    self.workItem = workItem
    self.payload = payload
    self.isOrdered = isOrdered
    self.depth = depth
    self.status = status
    self.lastError = lastError
    self.attempts = attempts
  }
}

/// What came of an attempt that did not succeed.
public struct HookFailure: Sendable, Hashable {
  public var message: String
  /// The status and the beginning of the body that a webhook's receiver answered.
  public var responseStatus: Int32?
  public var response: String?
  /// Milliseconds until the next attempt; nil when there is none.
  public var retryAfter: Int64?

  public init(_ message: String, responseStatus: Int32? = nil, response: String? = nil, retryAfter: Int64? = nil) {
    self.message = message
    self.responseStatus = responseStatus
    self.response = response
    self.retryAfter = retryAfter
  }
}
