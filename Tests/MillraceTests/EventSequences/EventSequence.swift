import WorkflowEngine

/// A mutation whose events stand on the page `docs/reference/events.md`.
struct EventSequence: Sendable {
  /// The heading of the page.
  let title: String
  let workflow: String
  /// Goes to where the sequence begins and answers its mutation; several commands are one bulk mutation.
  let prepare: @Sendable (SequenceWalk) async throws -> [Command]

  init(
    _ title: String, _ workflow: String, _ prepare: @escaping @Sendable (SequenceWalk) async throws -> Command
  ) {
    self.init(bulk: title, workflow) { [try await prepare($0)] }
  }

  init(
    bulk title: String, _ workflow: String,
    _ prepare: @escaping @Sendable (SequenceWalk) async throws -> [Command]
  ) {
    self.title = title
    self.workflow = workflow
    self.prepare = prepare
  }

  static let all = ofPeople + ofNodes
}
