/// A way from one task to another.
public struct EdgeDefinition: Hashable, Sendable {
  /// The slug of the task that it leads to.
  public var target: String
  /// Taken when this expression holds; always without one.
  public var condition: String?
  /// Taken when no other edge is.
  public var isDefault: Bool
  /// Edges are looked at from the smallest number up, then as declared.
  public var order: Int
  /// One branch per element of the list that this expression gives, whose items have the element as data.
  public var items: String?
  /// The data of the new item: an expression. Without one it has none, or its element.
  public var data: String?
  /// What a chart shows.
  public var label: String?

  /// Taken when the closure of this name answers so, too.
  public var closure: String?

  public init(
    _ target: String, condition: String? = nil, isDefault: Bool = false, order: Int = 0, items: String? = nil,
    data: String? = nil, label: String? = nil, closure: String? = nil
  ) {
    self.target = target
    self.condition = condition
    self.isDefault = isDefault
    self.order = order
    self.items = items
    self.data = data
    self.label = label
    self.closure = closure
  }
}
