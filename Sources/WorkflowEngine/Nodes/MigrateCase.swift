/// What `migrateCases` does to one case.
public struct MigrateCase: Sendable {
  public var id: EntityID
  /// The version from now on; nil follows the live definitions.
  public var version: Int64?
  /// From tasks of open items to those that take their place. What is not named and not in the version is obsolete.
  public var mapping: [String: String]

  public init(id: EntityID, version: Int64?, mapping: [String: String] = [:]) {
    self.id = id
    self.version = version
    self.mapping = mapping
  }
}

/// Events: `post_update_case`, then `post_advance_work_item` for each item whose task changes.
extension Execution {
  mutating func migrateCase(_ input: MigrateCase, _ beat: Beat) throws(EngineError) -> Step? {
    switch beat {
    case .validate, .pre:
      let found = try requireCase(input.id)
      guard found.status.isOpen else { throw .state("Only running and suspended cases can be migrated.") }
      var target = found
      target.workflowVersion = input.version
      guard input.version == nil || definitions.version(of: target) != nil else {
        throw EngineError(.input, "The workflow `\(found.workflow)` has no version \(input.version ?? 0).")
      }
      push(.operate(.migrateCase(input), .change))
      return nil
    case .cascade, .change:
      for item in state.workItems.reversed() where item.caseID == input.id && item.status.isOpen {
        guard let task = input.mapping[item.task], task != item.task else { continue }
        push(.rename(item.id, task))
      }
      unsettle(input.id, mayEnd: false)
      let step = change(case: input.id) { $0.workflowVersion = input.version }
      push(.give(event(.postUpdateCase, case: input.id)))
      return step
    case .post: return nil
    }
  }

  mutating func rename(_ id: EntityID, to task: String) -> Step {
    push(.tell(.postAdvanceWorkItem, id))
    return change(workItem: id) { $0.task = task }
  }

  /// The tasks of open items that a case would not know any more.
  public func unmapped(_ input: MigrateCase) -> [String] {
    guard var target = state.case(input.id) else { return [] }
    target.workflowVersion = input.version
    let version = definitions.version(of: target)
    var found: [String] = []
    for item in state.workItems where item.caseID == input.id && item.status.isOpen {
      let task = input.mapping[item.task] ?? item.task
      let isKnown = version.map { $0.tasks[task] != nil } ?? (definitions.task(task) != nil)
      if !isKnown, !found.contains(item.task) { found.append(item.task) }
    }
    return found
  }
}
