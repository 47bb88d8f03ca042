import WorkflowEngine

/// A row that is about to be stored or deleted, or has been: what Django calls a model signal.
///
/// Every change of a row has its own pair, so that one mutation may save a row several times; the statements are
/// still sent together.
public struct ModelEvent: Sendable {
  public enum Name: String, Sendable, CaseIterable {
    case preSave = "pre_save"
    case postSave = "post_save"
    case preDelete = "pre_delete"
    case postDelete = "post_delete"
  }

  /// The stored types: the senders of model events.
  public enum Model: String, Sendable, CaseIterable {
    case workflow = "Workflow"
    case task = "Task"
    case flow = "Flow"
    case `case` = "Case"
    case workItem = "WorkItem"
    case hook = "Hook"
    /// A published version of a workflow.
    case version = "WorkflowVersion"
  }

  public let name: Name
  public let sender: Model
  /// The row's key: a slug, or an id; of a version the workflow's slug and the number, as in `order/3`.
  public let key: String
  /// Whether the row is a new one; nil where that is not known before it is stored.
  public let isCreated: Bool?
  /// The row as it is stored, for cases and for work items.
  public let `case`: Case?
  public let workItem: WorkItem?
  let caller: Caller
  let context: String?
  let family: EntityID?

  /// The user who sent the mutation; nil for an anonymous one.
  public var user: String? { caller.user }
  public var group: String? { caller.group }

  init(
    _ name: Name, _ sender: Model, key: String, isCreated: Bool?, case: Case? = nil, workItem: WorkItem? = nil,
    caller: Caller, context: String? = nil, family: EntityID? = nil
  ) {
    self.name = name
    self.sender = sender
    self.key = key
    self.isCreated = isCreated
    self.case = `case`
    self.workItem = workItem
    self.caller = caller
    self.context = context
    self.family = family
  }
}
