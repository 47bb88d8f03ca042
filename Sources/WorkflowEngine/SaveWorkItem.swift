/// What `saveWorkItem` takes. Nil keeps the stored value.
public struct SaveWorkItem: Sendable {
  public var id: EntityID
  public var name: String?
  public var description: String?
  public var assignedUsers: [String]?
  /// `.some(nil)` removes the deadline.
  public var deadline: Int64??
  public var meta: String?

  public init(
    id: EntityID, name: String? = nil, description: String? = nil, assignedUsers: [String]? = nil,
    deadline: Int64?? = nil, meta: String? = nil
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.assignedUsers = assignedUsers
    self.deadline = deadline
    self.meta = meta
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
      }
    case .post:
      return event(.postSaveWorkItem, workItem: input.id)
    }
  }
}
