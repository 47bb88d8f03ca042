/// How far a work item has come, more exactly than its status tells: the states of an activation.
public enum ActivationPhase: String, Sendable, CaseIterable {
  case new, assigned, started
  case waiting, scheduled, running, error
  case done, canceled, revived, suspended, redo

  public init(_ item: WorkItem) {
    switch item.status {
    case .ready:
      self = item.activation.startedAt != nil ? .started : item.assignedUsers.isEmpty ? .new : .assigned
    case .waiting: self = .waiting
    case .scheduled: self = .scheduled
    case .running: self = .running
    case .error: self = .error
    case .completed, .skipped: self = .done
    case .canceled: self = item.activation.closedReason == .revived ? .revived : .canceled
    case .suspended: self = .suspended
    case .redo: self = .redo
    }
  }
}
