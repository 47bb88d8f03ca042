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
      try requireTarget(of: input)
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

  /// Makes sure that the version is there, and that items can go on as what they are mapped to.
  ///
  /// - Throws: `input`.
  public func requireTarget(of input: MigrateCase) throws(EngineError) {
    guard var target = state.case(input.id) else { return }
    target.workflowVersion = input.version
    let version = definitions.version(of: target)
    guard input.version == nil || version != nil else {
      throw EngineError(.input, "The workflow `\(target.workflow)` has no version \(input.version ?? 0).")
    }
    func known(_ slug: String) -> TaskDefinition? { version.map { $0.tasks[slug] } ?? definitions.task(slug) }
    for (source, slug) in input.mapping.sorted(by: { $0.key < $1.key }) {
      guard let task = known(slug) else {
        let place = input.version.map { "The version \($0) of `\(target.workflow)` has" } ?? "There is"
        throw EngineError(.input, "mapping: \(place) no task `\(slug)`.")
      }
      // What an item has done and waits for is its type's.
      let isStarted = state.workItems.contains { $0.caseID == input.id && $0.task == source && $0.status.isOpen }
      guard isStarted, let type = self.task(source, in: input.id)?.type, type != .obsolete else { continue }
      guard type == task.type || type.isHuman && task.type.isHuman else {
        let types = (from: type.rawValue, to: task.type.rawValue)
        throw EngineError(
          .input,
          "mapping: An item of `\(source)`, of the type \(types.from), cannot go on as `\(slug)`, "
            + "of the type \(types.to).")
      }
    }
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
