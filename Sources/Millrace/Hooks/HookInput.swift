import WorkflowEngine
import WorkflowStore

/// What may be saved of a hook. What is left out keeps its value, or gets its default in a new hook.
public struct HookInput: Sendable {
  public typealias Field = DefinitionStore.Field

  /// The hook that is changed; nil for the one of the name, or a new one.
  public var id: EntityID?
  /// Required for a new hook.
  public var name: String?
  public var trigger: Field<Hook.Trigger> = .omitted
  public var moment: Field<Hook.Moment> = .omitted
  public var workflow: Field<String?> = .omitted
  public var task: Field<String?> = .omitted
  public var caseID: Field<EntityID?> = .omitted
  public var source: Field<String?> = .omitted
  public var destination: Field<String?> = .omitted
  public var filter: Field<String?> = .omitted
  public var action: Field<Hook.Action> = .omitted
  public var onError: Field<Hook.ErrorPolicy> = .omitted
  public var isOrdered: Field<Bool> = .omitted
  public var isEnabled: Field<Bool> = .omitted

  public init(id: EntityID? = nil, name: String? = nil) {
    self.id = id
    self.name = name
  }

  /// The hook with these changes.
  func applied(to previous: Hook?, id: EntityID) throws(MillraceError) -> Hook {
    guard let trigger = trigger.value ?? previous?.trigger else {
      throw MillraceError(.invalidInput, "A hook needs a trigger.")
    }
    guard let action = action.value ?? previous?.action else {
      throw MillraceError(.invalidInput, "A hook needs an action.")
    }
    let moment = moment.value ?? previous?.moment ?? trigger.usualMoment
    var hook = Hook(
      id: id, name: name ?? previous?.name ?? "", trigger: trigger, moment: moment, action: action,
      onError: onError.value ?? previous?.onError ?? (moment == .before ? .rollBack : .retry))
    hook.workflow = workflow.value ?? previous?.workflow
    hook.task = task.value ?? previous?.task
    hook.caseID = caseID.value ?? previous?.caseID
    hook.source = source.value ?? previous?.source
    hook.destination = destination.value ?? previous?.destination
    hook.filter = filter.value ?? previous?.filter
    if hook.filter?.isEmpty == true { hook.filter = nil }
    hook.isOrdered = isOrdered.value ?? previous?.isOrdered ?? false
    hook.isEnabled = isEnabled.value ?? previous?.isEnabled ?? true
    hook.disabledReason = hook.isEnabled ? nil : previous?.disabledReason
    hook.version = (previous?.version ?? 0) + 1
    return hook
  }
}

extension Hook.Trigger {
  /// What is about to happen can be stopped; what has happened is told.
  var usualMoment: Hook.Moment {
    if case .event(let name) = self, name.rawValue.hasPrefix("pre_") { .before } else { .after }
  }
}
