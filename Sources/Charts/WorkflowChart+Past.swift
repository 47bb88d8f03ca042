extension WorkflowChart {
  /// What a case has been through that its workflow, as it is drawn, may not lead to.
  public struct Past: Sendable {
    /// Tasks of the case's items. Those that are drawn anyway change nothing.
    public var tasks: [Node]
    /// Whether the case keeps to a version, which then does not have these tasks any more.
    public var isObsolete: Bool
    /// Tasks of which an item of the second one followed one of the first.
    public var ways: [Way]

    public struct Way: Hashable, Sendable {
      public var from: String
      public var to: String

      public init(from: String, to: String) {
        self.from = from
        self.to = to
      }
    }

    public init(tasks: [Node] = [], isObsolete: Bool = false, ways: [Way] = []) {
      self.tasks = tasks
      self.isObsolete = isObsolete
      self.ways = ways
    }
  }

  /// Adds the tasks of items that nothing leads to, with the ways on which the case came there and went on. These are
  /// no ways of the workflow, and a task without any stands apart.
  mutating func remember() {
    var added: Set<String> = []
    for task in past.tasks where names[task.task] != nil && states[task.task] != nil {
      guard !graph.nodes.contains(where: { $0.id == task.task }), added.insert(task.task).inserted else { continue }
      var node = task
      if past.isObsolete { node.type = "obsolete" }
      var shape = node.shape(begins: false, waits: false)
      shape.isObsolete = past.isObsolete
      add(shape, for: task.task)
    }
    for way in past.ways where way.from != way.to && (added.contains(way.from) || added.contains(way.to)) {
      guard let from = place(of: way.from), let to = place(of: way.to) else { continue }
      graph.connect(from, to, isAssociation: true)
    }
  }
}
