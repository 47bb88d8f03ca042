/// A signal for all catches of its name, in this family and in all others. The owner of an execution delivers it to
/// other families after the commit; those of the execution's own family have got it when the step is given.
public struct SignalThrow: Hashable, Sendable {
  public var name: String
  /// Nil reaches every catch of the name.
  public var correlation: String?
  /// JSON text.
  public var payload: String?
  /// Seconds for which it is kept for catches that begin to wait later.
  public var timeToLive: Int64 = 0
  public var family: EntityID
  /// The item that threw it.
  public var workItem: EntityID

  public init(
    _ name: String, correlation: String? = nil, payload: String? = nil, family: EntityID, workItem: EntityID
  ) {
    self.name = name
    self.correlation = correlation
    self.payload = payload
    self.family = family
    self.workItem = workItem
  }
}
