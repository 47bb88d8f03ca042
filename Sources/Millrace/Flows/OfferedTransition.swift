import WorkflowEngine

/// A transition of a work item's activation: whether it can be done, and why not.
public protocol OfferedTransition: Sendable {
  var offer: TransitionOffer { get }
}

extension OfferedTransition {
  public var canProceed: Bool { offer.canProceed }
  /// Nil when it can be done.
  public var refusal: EngineError? { offer.refusal }
}
