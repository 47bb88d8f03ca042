/// What follows when all tasks of a flow are done.
public struct FlowDefinition: Hashable, Sendable {
  public var id: EntityID
  /// A flow expression that gives the slugs of the next tasks.
  public var next: String
  /// The tasks that join in this flow, in their declared order.
  public var tasks: [String]

  /// The tasks that `next` can give, as far as its text tells; nil if nobody looked.
  public var targets: [String]?

  public init(id: EntityID, next: String, tasks: [String], targets: [String]? = nil) {
    self.id = id
    self.next = next
    self.tasks = tasks
    self.targets = targets
  }
}
