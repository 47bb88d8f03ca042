import GraphQL
import Millrace
import Postgres

/// What of a mutation's input names stored objects. An object that the user may not see is as unknown as one that
/// does not exist.
struct MutationReference: Sendable {
  enum Role: Sendable {
    /// The object that the mutation changes. Without it: "No … matches the given query."
    case target
    /// Likewise, but it may be that no object has this key yet, which makes a new one.
    case saved
    /// An object that the mutation refers to. Without it: "Invalid pk …", or as for a target.
    case referred
    case looked
  }

  let field: String
  let type: StoredType
  let role: Role

  init(_ field: String, _ type: StoredType, _ role: Role) {
    self.field = field
    self.type = type
    self.role = role
  }

  static let table: [String: [MutationReference]] = {
    var table: [String: [MutationReference]] = [
      "saveWorkflow": [.init("slug", .workflow, .saved), .init("startTasks", .task, .referred)],
      "addWorkflowFlow": [.init("workflow", .workflow, .referred), .init("tasks", .task, .referred)],
      "removeFlow": [.init("flow", .flow, .target)],
      "startCase": [.init("workflow", .workflow, .referred), .init("parentWorkItem", .workItem, .looked)],
      "saveCase": [
        .init("id", .case, .target), .init("workflow", .workflow, .referred),
        .init("parentWorkItem", .workItem, .looked),
      ],
      "reopenCase": [.init("id", .case, .target), .init("workItems", .workItem, .referred)],
      "saveWorkItem": [.init("workItem", .workItem, .target)],
      "createWorkItem": [.init("case", .case, .looked), .init("multipleInstanceTask", .task, .referred)],
    ]
    for name in ["saveNodeTask", "saveSimpleTask", "saveCompleteWorkflowFormTask", "saveCompleteTaskFormTask"] {
      table[name] = [.init("slug", .task, .saved)]
    }
    for name in ["cancelCase", "suspendCase", "resumeCase"] { table[name] = [.init("id", .case, .target)] }
    table["saveHook"] = [
      .init("id", .hook, .target), .init("workflow", .workflow, .referred), .init("task", .task, .referred),
      .init("case", .case, .looked), .init("source", .task, .referred), .init("destination", .task, .referred),
    ]
    table["removeHook"] = [.init("hook", .hook, .target)]
    table["redeliverHook"] = [.init("delivery", .hookDelivery, .target)]
    for name in ["heartbeatJob", "completeJob", "failJob", "retryJob", "discardJob"] {
      table[name] = [.init("job", .job, .target)]
    }
    table["deliverMessage"] = [.init("workItem", .workItem, .looked)]
    table["testHook"] = [.init("hook", .hook, .target), .init("case", .case, .looked)]
    table["addSubprocessItem"] = [.init("workItem", .workItem, .target)]
    table["activateNext"] = [.init("id", .workItem, .target)]
    table["publishWorkflow"] = [.init("workflow", .workflow, .target)]
    table["migrateCases"] = [.init("workflow", .workflow, .target)]
    for name in ["bulkAssignWorkItems", "bulkUnassignWorkItems"] {
      table[name] = [.init("workItems", .workItem, .target)]
    }
    for verb in [
      "complete", "skip", "cancel", "suspend", "resume", "redo", "assign", "reassign", "unassign", "claim", "prepare",
      "start", "activate", "undo", "revive", "retry", "snooze", "unsnooze",
    ] {
      table["\(verb)WorkItem"] = [.init("id", .workItem, .target)]
    }
    return table
  }()

  /// The keys that the input names here.
  func keys(_ input: MutationInput) -> [String] {
    switch input[field] {
    // A slug that is saved is no global id.
    case .string(let text)?: [role == .saved ? text : GlobalID.key(text)]
    case .list?: input.keys(field)
    default: []
    }
  }

  func unknown(_ key: String) -> MillraceError {
    switch role {
    case .target, .looked: MillraceError(.notFound, "No \(type.rawValue) matches the given query.")
    case .referred: MillraceError(.invalidInput, "Invalid pk \"\(key)\" - object does not exist.")
    // To save is to create unless there is one; that this one is somebody else's can only be told by refusing it.
    case .saved: .permissionDenied
    }
  }
}

extension MutationReference {
  /// A statement that finds which of the keys the user may see; nil when all may be seen, or no key is one.
  ///
  /// - Parameter rows: what else is read of them, after the key as text.
  func check(_ input: MutationInput, _ context: APIContext) -> MutationGate.Check? {
    guard context.visibility.isRestricted(type) else { return nil }
    let keys = keys(input)
    var builder = StatementBuilder()
    guard let condition = bind(keys, &builder), let shown = context.visibility.sql(type, alias: "t", &builder) else {
      return nil
    }
    // A saved key that nobody has is free.
    let text =
      role == .saved
      ? "select t.\(type.key)::text from \(type.table) t where \(condition) and \(shown) is not true"
      : "select t.\(type.key)::text from \(type.table) t where \(condition) and \(shown)"
    return MutationGate.Check(
      sql: SQL(text), parameters: builder.parameters, isTarget: role != .referred
    ) { [self] rows in
      let found = Set((0..<rows.count).map { rows.text($0, 0) })
      if role == .saved { return found.isEmpty ? nil : unknown("") }
      return keys.first { !found.contains(UUID128($0)?.description ?? $0) && !found.contains($0) }.map(unknown)
    }
  }

  /// `t`'s key is one of the keys; nil when none can be, which the mutation itself finds out.
  func bind(_ keys: [String], _ builder: inout StatementBuilder) -> String? {
    if type.hasTextKey { return keys.isEmpty ? nil : "t.\(type.key) = any(\(builder.bind(texts: keys)))" }
    let ids = keys.compactMap { UUID128($0) }
    return ids.count < keys.count || ids.isEmpty ? nil : "t.\(type.key) = any(\(builder.bind(uuids: ids)))"
  }
}

extension MillraceError {
  static let permissionDenied = MillraceError(
    .permissionDenied, "You do not have permission to perform this action.")
}
