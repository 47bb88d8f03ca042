/// What `saveCase` with an id takes.
public struct UpdateCase: Sendable {
  public var id: EntityID
  /// Has to be the workflow that the case has.
  public var workflow: String
  /// JSON text; nil keeps the stored value.
  public var meta: String?
  /// JSON text: what the nodes of the case share; nil keeps the stored value.
  public var data: String?
  /// Nil keeps the stored ones.
  public var artifacts: [Artifact]?

  public init(
    id: EntityID, workflow: String, meta: String? = nil, data: String? = nil, artifacts: [Artifact]? = nil
  ) {
    self.id = id
    self.workflow = workflow
    self.meta = meta
    self.data = data
    self.artifacts = artifacts
  }
}

/// `saveCase` with an id: changes the `meta` of a case.
///
/// Events: `post_update_case`.
extension Execution {
  mutating func updateCase(_ input: UpdateCase, _ beat: Beat) throws(EngineError) -> Step? {
    switch beat {
    case .validate, .pre:
      let found = try requireCase(input.id)
      guard found.workflow == input.workflow || compatibility(of: input.id) == .caluma else {
        throw EngineError(.input, "The workflow of a case cannot be changed.")
      }
      guard definitions.workflow(input.workflow) != nil else {
        throw EngineError(.unknownDefinition, "Invalid pk \"\(input.workflow)\" - object does not exist.")
      }
      try Artifact.check(input.artifacts)
      push(.updateCase(input, .change))
      return nil
    case .cascade, .change:
      push(.updateCase(input, .post))
      return change(case: input.id) { row in
        row.workflow = input.workflow
        if let meta = input.meta { row.meta = meta }
        if let data = input.data { row.data = data }
        if let artifacts = input.artifacts { row.artifacts = artifacts }
      }
    case .post:
      unsettle(input.id, mayEnd: false)
      return event(.postUpdateCase, case: input.id)
    }
  }
}
