/// What can happen to an item while it is open. A timer is a work item of its own, whose `host` is the item; it goes
/// away with the host. The others wait in the definition alone.
public struct BoundaryDefinition: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Time has passed.
    case timer
    /// The item failed, or its child case ended with an error.
    case error
    /// Its child case told an escalation. Never cancels the host.
    case escalation
    /// Its deadline has passed.
    case deadline
  }

  public var kind: Kind
  /// For timers.
  public var delay: Delay?
  /// Which error or escalation; any without one.
  public var errorCode: String?
  /// Whether the host is canceled when it happens. What fails has ended anyway.
  public var isInterrupting: Bool
  /// The slug of the task that follows.
  public var target: String

  /// - Parameter isInterrupting: where it is not said, escalations do not interrupt, and all others do.
  public init(
    _ kind: Kind, target: String, delay: Delay? = nil, errorCode: String? = nil, isInterrupting: Bool? = nil
  ) {
    self.kind = kind
    self.target = target
    self.delay = delay
    self.errorCode = errorCode
    self.isInterrupting = isInterrupting ?? (kind != .escalation)
  }
}
