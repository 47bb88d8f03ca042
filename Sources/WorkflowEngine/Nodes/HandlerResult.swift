/// What a handler, a job or a message brings.
public struct HandlerResult: Hashable, Sendable {
  /// The item's data from now on: JSON text. Nil leaves it.
  public var data: String?
  /// The case's data from now on: JSON text. Nil leaves it.
  public var caseData: String?

  public init(data: String? = nil, caseData: String? = nil) {
    self.data = data
    self.caseData = caseData
  }
}

/// How a handler's call ended.
public enum HandlerOutcome: Hashable, Sendable {
  case done(HandlerResult)
  /// All that the handler changed is undone.
  case failed(WorkItemFailure)
}
