/// What `saveWorkItem` takes. Nil keeps the stored value.
public struct SaveWorkItem: Sendable {
  public var id: EntityID
  public var name: String?
  public var description: String?
  public var assignedUsers: [String]?
  /// `.some(nil)` removes the deadline.
  public var deadline: Int64??
  public var meta: String?
  /// JSON text: what the item's node knows.
  public var data: String?
  public var artifacts: [Artifact]?

  public init(
    id: EntityID, name: String? = nil, description: String? = nil, assignedUsers: [String]? = nil,
    deadline: Int64?? = nil, meta: String? = nil, data: String? = nil, artifacts: [Artifact]? = nil
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.assignedUsers = assignedUsers
    self.deadline = deadline
    self.meta = meta
    self.data = data
    self.artifacts = artifacts
  }
}

/// `saveWorkItem`: changes the texts, users, deadline and `meta` of an item in whatever state.
///
/// Events: `post_save_work_item`.
extension Execution {
  mutating func saveWorkItem(_ input: SaveWorkItem, _ beat: Beat) throws(EngineError) -> Step? {
    switch beat {
    case .validate, .pre:
      _ = try requireWorkItem(input.id)
      try Artifact.check(input.artifacts)
      push(.saveWorkItem(input, .change))
      return nil
    case .cascade, .change:
      push(.saveWorkItem(input, .post))
      return change(workItem: input.id) { row in
        if let name = input.name { row.name = name }
        if let description = input.description { row.description = description }
        if let users = input.assignedUsers { row.assignedUsers = users }
        if let deadline = input.deadline { row.deadline = deadline }
        if let meta = input.meta { row.meta = meta }
        if let data = input.data { row.activation.data = data }
        if let artifacts = input.artifacts { row.activation.artifacts = artifacts }
      }
    case .post:
      if let item = state.workItem(input.id) { unsettle(item.caseID, mayEnd: false) }
      return event(.postSaveWorkItem, workItem: input.id)
    }
  }
}
