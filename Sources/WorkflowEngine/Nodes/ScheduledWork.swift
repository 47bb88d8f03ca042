/// Work that is to be done outside of a command: written to `scheduled_work` with the command's changes, so that it
/// cannot begin before they are committed.
public struct ScheduledWork: Hashable, Sendable {
  /// Raw values are what the database stores.
  public enum Kind: String, Sendable, CaseIterable {
    /// A worker calls the handler: `startJob`, the handler, `finishJob` or `failJob`.
    case job
    /// The scheduler sends `fireTimer`.
    case timer
  }

  public var kind: Kind
  public var workItem: EntityID
  public var caseID: EntityID
  public var family: EntityID
  /// The name of a job's handler; nil for timers.
  public var handler: String?
  /// Microseconds since 1970; not before this moment.
  public var dueAt: Int64
  public var maximumAttempts: Int

  public init(
    _ kind: Kind, workItem: EntityID, caseID: EntityID, family: EntityID, handler: String? = nil, dueAt: Int64,
    maximumAttempts: Int = 1
  ) {
    self.kind = kind
    self.workItem = workItem
    self.caseID = caseID
    self.family = family
    self.handler = handler
    self.dueAt = dueAt
    self.maximumAttempts = maximumAttempts
  }
}
