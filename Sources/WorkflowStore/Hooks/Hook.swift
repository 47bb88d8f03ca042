import WorkflowEngine

/// One row of `hooks`: who wants to be told of what.
public struct Hook: Sendable, Hashable, Identifiable {
  /// What the hook waits for.
  public enum Trigger: Sendable, Hashable {
    case event(EventName)
    /// A work item follows another one, or begins its case.
    case transition
    /// A case has finished.
    case completion

    /// As it is stored.
    public var kind: String {
      switch self {
      case .event: "event"
      case .transition: "transition"
      case .completion: "completion"
      }
    }
  }

  /// When it is told.
  public enum Moment: String, Sendable, CaseIterable {
    /// In the mutation's transaction.
    case before
    /// After its commit, from the outbox.
    case after
  }

  public enum Action: Sendable, Hashable {
    /// A function that a module has registered under this name.
    case function(String)
    /// Secrets in the order of their signatures, each `whsec_…`.
    case webhook(url: String, secrets: [String])

    /// As it is stored.
    public var kind: String {
      switch self {
      case .function: "function"
      case .webhook: "webhook"
      }
    }
  }

  /// What an error of the action leads to.
  public enum ErrorPolicy: String, Sendable, CaseIterable {
    /// It is noted, and that is all.
    case ignore
    /// The mutation fails; before-hooks only.
    case rollBack = "roll_back"
    /// It is tried again; after-hooks only.
    case retry
  }

  public var id: EntityID
  public var name: String
  public var trigger: Trigger
  public var moment: Moment
  /// Scope; nil takes all.
  public var workflow: String?
  public var task: String?
  public var caseID: EntityID?
  public var source: String?
  public var destination: String?
  /// JEXL; nil takes every event in scope.
  public var filter: String?
  public var action: Action
  public var onError: ErrorPolicy
  /// Whether the deliveries of one family wait for each other.
  public var isOrdered: Bool
  public var isEnabled: Bool
  /// Why the server disabled it.
  public var disabledReason: String?
  /// Raised by every change.
  public var version: Int64

  public init(
    id: EntityID, name: String, trigger: Trigger, moment: Moment, workflow: String? = nil, task: String? = nil,
    caseID: EntityID? = nil, source: String? = nil, destination: String? = nil, filter: String? = nil,
    action: Action, onError: ErrorPolicy, isOrdered: Bool = false, isEnabled: Bool = true,
    disabledReason: String? = nil, version: Int64 = 1
  ) {
    self.id = id
    self.name = name
    self.trigger = trigger
    self.moment = moment
    self.workflow = workflow
    self.task = task
    self.caseID = caseID
    self.source = source
    self.destination = destination
    self.filter = filter
    self.action = action
    self.onError = onError
    self.isOrdered = isOrdered
    self.isEnabled = isEnabled
    self.disabledReason = disabledReason
    self.version = version
  }

  /// The event at which the hook has to be looked at.
  public var event: EventName {
    switch (trigger, moment) {
    case (.event(let name), _): name
    case (.transition, .before): .preCreateWorkItem
    case (.transition, .after): .postCreateWorkItem
    case (.completion, .before): .preCompleteCase
    case (.completion, .after): .postCompleteCase
    }
  }
}
