/// A message or signal for a waiting catch.
public struct Delivery: Hashable, Sendable {
  public var workItem: EntityID
  public var result: HandlerResult

  /// - Parameter payload: JSON text, which becomes the item's data.
  public init(to workItem: EntityID, payload: String? = nil, caseData: String? = nil) {
    self.workItem = workItem
    self.result = HandlerResult(data: payload, caseData: caseData)
  }
}
