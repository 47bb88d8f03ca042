/// What can be done with a work item. The raw values are the names that clients see.
public enum Transition: String, Sendable, CaseIterable {
  case assign, unassign, reassign, claim
  /// Somebody has the form open.
  case prepare
  case start, complete, skip, cancel, suspend, resume, redo
  case undo, revive, retry
  /// What would come later comes now.
  case activate
  /// What follows is made, where it is missing.
  case activateNext
  /// By code: something that was waited for has come, a moment too, a job goes on.
  case deliver, fire, startJob, finishJob, failJob

  /// Those that people ask for.
  public static let offered = Array(allCases.prefix { $0 != .deliver })
}

/// Whether something can be done with a work item, and why not.
public struct TransitionOffer: Sendable {
  public let transition: Transition
  /// Nil when it can be done.
  public let refusal: EngineError?

  public init(transition: Transition, refusal: EngineError?) {
    self.transition = transition
    self.refusal = refusal
  }

  public var canProceed: Bool { refusal == nil }
}
