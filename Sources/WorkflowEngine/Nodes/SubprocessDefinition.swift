/// What a subprocess starts.
public struct SubprocessDefinition: Hashable, Sendable {
  /// What a canceled child case means for its parent work item.
  public enum OnCanceled: String, Sendable, CaseIterable {
    /// It does not count: the item is done when the other children are.
    case ignore
    /// The item fails.
    case fail
    /// The item is canceled.
    case cancel
  }

  /// The slug of the workflow.
  public var workflow: String
  /// The data of a child case: an expression. For multiple ones `element` and `index` can be seen.
  public var data: String?
  /// One child case per element of the list that this expression gives; for multiple subprocesses.
  public var items: String?
  /// One child case after the other.
  public var isSequential: Bool
  public var onCanceled: OnCanceled

  public init(
    _ workflow: String, data: String? = nil, items: String? = nil, isSequential: Bool = false,
    onCanceled: OnCanceled = .ignore
  ) {
    self.workflow = workflow
    self.data = data
    self.items = items
    self.isSequential = isSequential
    self.onCanceled = onCanceled
  }
}
