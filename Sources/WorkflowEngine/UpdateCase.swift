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
      push(.updateCase(input, .change))
      return nil
    case .cascade, .change:
      push(.updateCase(input, .post))
      return change(case: input.id) { row in
        row.workflow = input.workflow
        if let meta = input.meta { row.meta = meta }
      }
    case .post:
      return event(.postUpdateCase, case: input.id)
    }
  }
}
