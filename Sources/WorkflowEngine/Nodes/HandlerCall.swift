/// A handler that the owner of an execution has to call before it asks for the next step.
public struct HandlerCall: Hashable, Sendable {
  public enum Purpose: String, Sendable, CaseIterable {
    /// The item's own work.
    case perform
    /// The item was created.
    case create
    /// The item is undone.
    case undo
    /// The item is compensated.
    case compensate
  }

  /// The handler's name.
  public var handler: String
  public var purpose: Purpose
  public var workItem: EntityID
  public var caseID: EntityID

  public init(_ handler: String, purpose: Purpose, workItem: EntityID, caseID: EntityID) {
    self.handler = handler
    self.purpose = purpose
    self.workItem = workItem
    self.caseID = caseID
  }
}
