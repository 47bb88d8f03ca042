/// A task as the engine needs it.
public struct TaskDefinition: Hashable, Sendable {
  public var slug: String
  public var type: TaskType
  /// JSON objects from language to text; copied to the work items of the task.
  public var name: String
  public var description: String
  /// Seconds from the creation of a work item to its deadline.
  public var leadTime: Int64?
  /// One work item for each addressed group.
  public var isMultipleInstance: Bool
  /// Every finished instance leads on; otherwise only the last one does.
  public var continueAsync: Bool
  /// Group expressions.
  public var addressGroups: String?
  public var controlGroups: String?
  /// What a typed node does, or what a human task has beside Caluma's fields.
  public var node: NodeDefinition?

  public init(
    slug: String, type: TaskType = .simple, name: String = "{}", description: String = "{}",
    leadTime: Int64? = nil, isMultipleInstance: Bool = false, continueAsync: Bool = false,
    addressGroups: String? = nil, controlGroups: String? = nil, node: NodeDefinition? = nil
  ) {
    self.slug = slug
    self.type = type
    self.name = name
    self.description = description
    self.leadTime = leadTime
    self.isMultipleInstance = isMultipleInstance
    self.continueAsync = continueAsync
    self.addressGroups = addressGroups
    self.controlGroups = controlGroups
    self.node = node
  }

  /// All instances have to be closed before the task is done.
  var waitsForInstances: Bool { isMultipleInstance && !continueAsync }
}

extension TaskDefinition {
  /// The tasks of the timers at this task's items, named after it.
  public var boundaryTimers: [TaskDefinition] {
    guard let node else { return [] }
    var timers: [TaskDefinition] = []
    for (index, boundary) in node.boundaries.enumerated() where boundary.kind == .timer {
      var timer = NodeDefinition(edges: [EdgeDefinition(boundary.target)])
      timer.delay = boundary.delay
      timers.append(
        TaskDefinition(
          slug: boundaryTimer(at: index), type: .timer, name: name, description: description, node: timer))
    }
    return timers
  }

  /// The slug of the task of a timer at this task's items.
  func boundaryTimer(at index: Int) -> String {
    index == 0 ? "\(slug)__timeout" : "\(slug)__timeout_\(index + 1)"
  }
}
