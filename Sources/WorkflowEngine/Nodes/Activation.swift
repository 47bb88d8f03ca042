/// A work item with what can be done with it, decided by the code that guards the commands.
///
/// ```swift
/// let activation = execution.activation(of: item)
/// if activation.undo.canProceed { … }
/// ```
public struct Activation<Evaluator: ExpressionEvaluator, IDs: EntityIDGenerator> {
  private let execution: Execution<Evaluator, IDs>
  public let workItem: EntityID

  init(_ execution: Execution<Evaluator, IDs>, _ workItem: EntityID) {
    self.execution = execution
    self.workItem = workItem
  }

  public subscript(_ transition: Transition) -> TransitionOffer {
    var execution = execution
    return execution.offer(transition, workItem)
  }

  public var assign: TransitionOffer { self[.assign] }
  public var unassign: TransitionOffer { self[.unassign] }
  public var reassign: TransitionOffer { self[.reassign] }
  public var claim: TransitionOffer { self[.claim] }
  public var start: TransitionOffer { self[.start] }
  /// Of a human task: to complete it.
  public var done: TransitionOffer { self[.complete] }
  public var skip: TransitionOffer { self[.skip] }
  public var cancel: TransitionOffer { self[.cancel] }
  public var suspend: TransitionOffer { self[.suspend] }
  public var resume: TransitionOffer { self[.resume] }
  public var redo: TransitionOffer { self[.redo] }
  public var prepare: TransitionOffer { self[.prepare] }
  public var activate: TransitionOffer { self[.activate] }
  public var activateNext: TransitionOffer { self[.activateNext] }
  public var undo: TransitionOffer { self[.undo] }
  public var revive: TransitionOffer { self[.revive] }
  public var retry: TransitionOffer { self[.retry] }
}

extension Execution {
  public func activation(of workItem: EntityID) -> Activation<Evaluator, IDs> {
    Activation(self, workItem)
  }

  /// Whether something can be done with an item now, by the caller of this execution.
  public mutating func offer(_ transition: Transition, _ id: EntityID) -> TransitionOffer {
    do throws(EngineError) {
      try require(transition, id)
      return TransitionOffer(transition: transition, refusal: nil)
    } catch {
      return TransitionOffer(transition: transition, refusal: error)
    }
  }

  /// Whether each transition can be done with an item now, and why not.
  public mutating func offers(of id: EntityID) -> [TransitionOffer] {
    Transition.allCases.map { offer($0, id) }
  }

  /// What people can do with an item, and why not the rest.
  public mutating func availableTransitions(of id: EntityID) -> [TransitionOffer] {
    Transition.offered.map { offer($0, id) }
  }
}
