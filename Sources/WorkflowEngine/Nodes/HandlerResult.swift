/// What a handler, a job or a message brings.
public struct HandlerResult: Hashable, Sendable {
  /// The item's data from now on: JSON text. Nil leaves it.
  public var data: String?
  /// The case's data from now on: JSON text. Nil leaves it.
  public var caseData: String?

  /// The item's artifacts from now on. Nil leaves them.
  public var artifacts: [Artifact]?
  /// The case's artifacts from now on. Nil leaves them.
  public var caseArtifacts: [Artifact]?

  public init(
    data: String? = nil, caseData: String? = nil, artifacts: [Artifact]? = nil, caseArtifacts: [Artifact]? = nil
  ) {
    self.data = data
    self.caseData = caseData
    self.artifacts = artifacts
    self.caseArtifacts = caseArtifacts
  }
}

extension HandlerResult {
  var problem: EngineError? { Artifact.problem(in: artifacts) ?? Artifact.problem(in: caseArtifacts) }
}

/// How a handler's call ended.
public enum HandlerOutcome: Hashable, Sendable {
  case done(HandlerResult)
  /// All that the handler changed is undone.
  case failed(WorkItemFailure)
}
