/// A catch that waits for signals or messages from outside of its family.
public struct SignalListener: Hashable, Sendable {
  /// Whether it takes messages, which go to one catch each, instead of signals.
  public var takesMessages: Bool
  public var name: String
  /// Nil takes every key.
  public var correlation: String?
  public var workItem: EntityID
  public var caseID: EntityID
  public var family: EntityID
  public var task: String

  public init(
    _ name: String, takesMessages: Bool, correlation: String? = nil, workItem: EntityID, caseID: EntityID,
    family: EntityID, task: String
  ) {
    self.name = name
    self.takesMessages = takesMessages
    self.correlation = correlation
    self.workItem = workItem
    self.caseID = caseID
    self.family = family
    self.task = task
  }
}
