import WorkflowEngine

extension DefinitionStore.TaskInput {
  /// The tasks of the timers at the task's items, which are saved with it.
  public var boundaryTimers: [DefinitionStore.TaskInput] {
    guard let node = node.value ?? nil else { return [] }
    return TaskDefinition(slug: slug, type: type, node: node).boundaryTimers.map { timer in
      var input = DefinitionStore.TaskInput(slug: timer.slug, type: .timer, name: name)
      input.node = .given(timer.node)
      return input
    }
  }
}
