/// The state machine of a node type: from which phases of an activation each transition leads, and where to.
///
/// A value without state: the phase is the item's. Guards that look beyond the item (what followed, the case, the
/// caller) are `Execution.require`'s.
public struct NodeMachine: Sendable {
  public let type: TaskType

  public init(_ type: TaskType) {
    self.type = type
  }

  /// The phases that a transition leads from; none for one that the type does not have.
  public func sources(of transition: Transition) -> Set<ActivationPhase> {
    type.isHuman ? human(transition) : automatic(transition)
  }

  /// The phase that a transition leads to; nil for one that the type does not have.
  public func target(of transition: Transition) -> ActivationPhase? {
    guard !sources(of: transition).isEmpty else { return nil }
    switch transition {
    case .assign, .reassign, .claim: return .assigned
    case .unassign, .resume, .redo: return .new
    case .start: return .started
    // Having the form open is told by a moment; the item is as new, or as assigned, as before.
    case .prepare: return .new
    case .activateNext: return .done
    case .activate: return type == .job ? .scheduled : .done
    case .complete, .skip, .deliver, .fire, .finishJob: return .done
    case .cancel, .undo: return .canceled
    case .suspend: return .suspended
    case .revive: return .revived
    case .retry, .startJob: return .running
    case .failJob: return .error
    }
  }

  private func human(_ transition: Transition) -> Set<ActivationPhase> {
    switch transition {
    case .assign, .claim: [.new]
    case .unassign, .reassign: [.assigned, .started]
    case .start, .prepare: [.new, .assigned]
    case .complete, .skip, .suspend: [.new, .assigned, .started]
    case .cancel: [.new, .assigned, .started, .suspended]
    case .resume: [.suspended]
    case .redo: [.done, .canceled, .suspended, .redo, .revived]
    case .undo, .activateNext: [.done]
    case .revive: [.canceled]
    case .activate, .retry, .deliver, .fire, .startJob, .finishJob, .failJob: []
    }
  }

  private func automatic(_ transition: Transition) -> Set<ActivationPhase> {
    switch transition {
    case .cancel: [.waiting, .scheduled, .running, .error]
    case .undo: type == .obsolete ? [] : [.done]
    case .revive: type == .obsolete ? [] : [.canceled, .error]
    case .retry: type == .obsolete ? [] : [.error]
    case .deliver: type == .catchCall || type == .catchMessage || type == .catchSignal ? [.waiting] : []
    case .fire: type == .timer ? [.scheduled] : type == .condition ? [.waiting] : []
    case .startJob: type == .job ? [.scheduled, .running] : []
    case .finishJob, .failJob: type == .job ? [.running] : []
    case .activate: beginnings
    // The ways of a split that takes the first are taken when it begins, and nothing follows an end.
    case .activateNext: type == .obsolete || type == .splitFirst ? [] : [.done]
    case .assign, .unassign, .reassign, .claim, .start, .prepare, .complete, .skip, .suspend, .resume, .redo: []
    }
  }

  /// The phases from which an automatic item can be told to begin.
  private var beginnings: Set<ActivationPhase> {
    switch type {
    case .timer, .job: [.scheduled]
    case .condition, .join: [.waiting]
    // What comes from outside has to come: see `deliver`.
    case .catchCall, .catchMessage, .catchSignal, .obsolete: []
    default: [.running]
    }
  }
}
