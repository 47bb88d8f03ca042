import WorkflowEngine

/// A client's mutation, as permissions and validations see it.
public struct MutationRequest: Sendable {
  public let mutation: Mutation
  public let user: User
  /// The mutation's `input` as the client sent it, coerced by the schema, without `clientMutationId`.
  public let input: MutationData
  /// The client's `context`, parsed; null without one.
  public let context: JSON
  /// The database, in the mutation's transaction wherever there is one already.
  public let database: ExtensionContext

  package init(
    mutation: Mutation, user: User, input: MutationData, context: JSON, database: ExtensionContext
  ) {
    self.mutation = mutation
    self.user = user
    self.input = input
    self.context = context
    self.database = database
  }
}

/// The stored object that a mutation changes, as it is before. Cases and work items are locked.
public enum MutationObject: Sendable {
  case `case`(Case)
  case workItem(WorkItem)
  case workflow(StoredDefinition)
  case task(StoredDefinition)
  case flow(StoredDefinition)
  case hook(StoredDefinition)

  public var createdByUser: String? {
    switch self {
    case .case(let row): row.createdByUser
    case .workItem(let row): row.createdByUser
    case .workflow(let row), .task(let row), .flow(let row), .hook(let row): row.createdByUser
    }
  }

  public var createdByGroup: String? {
    switch self {
    case .case(let row): row.createdByGroup
    case .workItem(let row): row.createdByGroup
    case .workflow(let row), .task(let row), .flow(let row), .hook(let row): row.createdByGroup
    }
  }

  /// The case, or the case of the work item.
  public var workItem: WorkItem? { if case .workItem(let item) = self { item } else { nil } }
  public var `case`: Case? { if case .case(let found) = self { found } else { nil } }
}

/// What rules may know of a stored workflow, task, flow or hook.
public struct StoredDefinition: Sendable {
  /// A slug, or the id of a flow or hook.
  public let key: String
  public let createdByUser: String?
  public let createdByGroup: String?
  /// Null for flows and hooks.
  public let meta: JSON

  package init(key: String, createdByUser: String?, createdByGroup: String?, meta: JSON) {
    self.key = key
    self.createdByUser = createdByUser
    self.createdByGroup = createdByGroup
    self.meta = meta
  }
}
