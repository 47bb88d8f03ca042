import GraphQL
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

/// Mutations of cases and work items.
enum CaseMutations {
  static let handlers: [String: MutationSource.Handler] = [
    "saveCase": { try await saveCase($0, $1) },
    "startCase": { try await startCase($0, .startCase, $1) },
    "cancelCase": { try await onCase($0, $1) { .cancelCase($0) } },
    "suspendCase": { try await onCase($0, $1) { .suspendCase($0) } },
    "resumeCase": { try await onCase($0, $1) { .resumeCase($0) } },
    "reopenCase": { (input, context) in
      var items: [EntityID] = []
      for key in input.keys("workItems") {
        guard let id = EntityID(key) else { throw MillraceError(.invalidInput, unknown(key)) }
        items.append(id)
      }
      return try await onCase(input, context) { .reopenCase($0, workItems: items) }
    },
    "completeWorkItem": { try await onWorkItem($0, $1) { .completeWorkItem($0) } },
    "skipWorkItem": { try await onWorkItem($0, $1) { .skipWorkItem($0) } },
    "cancelWorkItem": { try await onWorkItem($0, $1) { .cancelWorkItem($0) } },
    "suspendWorkItem": { try await onWorkItem($0, $1) { .suspendWorkItem($0) } },
    "resumeWorkItem": { try await onWorkItem($0, $1) { .resumeWorkItem($0) } },
    "redoWorkItem": { try await onWorkItem($0, $1) { .redoWorkItem($0) } },
    "saveWorkItem": { try await saveWorkItem($0, $1) },
    "createWorkItem": { try await createWorkItem($0, $1) },
  ]

  private static func unknown(_ key: String) -> String { "Invalid pk \"\(key)\" - object does not exist." }

  private static func run(
    _ command: Command, sender: Operation? = nil, _ input: MutationInput, _ context: APIContext
  ) async throws -> CaseService.Outcome {
    var request = CaseService.Request(
      command: command, sender: sender, caller: context.caller, ifVersion: input["ifVersion"]?.int.map { Int64($0) },
      deadline: context.deadline)
    if let text = input["context"]?.string {
      request.context = text
      if let value = try? JSONDocument(text) { request.contextValue = JSON(value.root.value) }
    }
    return try await context.service.run(request)
  }

  private static func cell(_ id: EntityID?) -> ValueBatch.Cell {
    id.map { .uuid($0.uuid) } ?? .null
  }

  private static func onCase(
    _ input: MutationInput, _ context: APIContext, _ command: (EntityID) -> Command
  ) async throws -> ValueBatch.Cell {
    let id = EntityID(try input.id("id", of: "Case"))
    return cell(try await run(command(id), input, context).caseID)
  }

  private static func onWorkItem(
    _ input: MutationInput, _ context: APIContext, _ command: (EntityID) -> Command
  ) async throws -> ValueBatch.Cell {
    let id = EntityID(try input.id("id", of: "WorkItem"))
    return cell(try await run(command(id), input, context).workItemID)
  }

  private static func startCase(
    _ input: MutationInput, _ sender: Operation, _ context: APIContext
  ) async throws -> ValueBatch.Cell {
    if let form = input["form"]?.string { throw DefinitionMutations.noForm(GlobalID.key(form)) }
    var start = StartCase(workflow: input.key("workflow"), meta: try input.given("meta")?.string ?? "{}")
    if let parent = input["parentWorkItem"]?.string {
      guard let id = EntityID(GlobalID.key(parent)) else {
        throw MillraceError(.invalidInput, unknown(GlobalID.key(parent)))
      }
      start.parentWorkItem = id
    }
    return cell(try await run(.startCase(start), sender: sender, input, context).caseID)
  }

  private static func saveCase(_ input: MutationInput, _ context: APIContext) async throws -> ValueBatch.Cell {
    guard let text = input["id"]?.string else { return try await startCase(input, .saveCase, context) }
    guard let id = EntityID(text) else { throw MillraceError(.invalidInput, "Must be a valid UUID.") }
    let update = UpdateCase(id: id, workflow: input.key("workflow"), meta: try input.given("meta")?.string)
    return cell(try await run(.updateCase(update), input, context).caseID)
  }

  private static func saveWorkItem(_ input: MutationInput, _ context: APIContext) async throws -> ValueBatch.Cell {
    var save = SaveWorkItem(id: EntityID(try input.id("workItem", of: "WorkItem")))
    save.name = input["name"].map { localized($0.string, context) }
    save.description = input["description"].map { localized($0.string, context) }
    save.assignedUsers = try input.given("assignedUsers").map { try texts($0, "assignedUsers") }
    save.meta = try input.given("meta")?.string
    if let deadline = input["deadline"] { save.deadline = .some(time(deadline)) }
    return cell(try await run(.saveWorkItem(save), input, context).workItemID)
  }

  private static func createWorkItem(_ input: MutationInput, _ context: APIContext) async throws -> ValueBatch.Cell {
    guard let caseID = EntityID(input.key("case")) else {
      throw MillraceError(.invalidInput, unknown(input.key("case")))
    }
    var create = CreateWorkItem(caseID: caseID, task: input.key("multipleInstanceTask"))
    // Without a text of its own the item has the task's.
    create.name = try input.given("name").flatMap { text($0, context) }
    create.description = input["description"].flatMap { text($0, context) }
    create.addressedGroups = try input.given("addressedGroups").map { try texts($0, "addressedGroups") }
    create.controllingGroups = try input.given("controllingGroups").map { try texts($0, "controllingGroups") }
    create.assignedUsers = try input.given("assignedUsers").map { try texts($0, "assignedUsers") } ?? []
    create.meta = try input.given("meta")?.string ?? "{}"
    create.deadline = input["deadline"].flatMap(time)
    return cell(try await run(.createWorkItem(create), input, context).workItemID)
  }

  /// A text in the caller's language; without text the task's stands in.
  private static func localized(_ text: String?, _ context: APIContext) -> String {
    guard let text, !text.isEmpty else { return "{}" }
    return Value.object(ValueObject([.init(name: context.language, value: .string(text))])).json
  }

  private static func text(_ value: Value, _ context: APIContext) -> String? {
    value.string?.isEmpty == false ? localized(value.string, context) : nil
  }

  private static func time(_ value: Value) -> Int64? {
    value.string.flatMap { Timestamp($0) }?.microseconds
  }

  private static func texts(_ value: Value, _ name: String) throws(MillraceError) -> [String] {
    var texts: [String] = []
    for item in value.list ?? [] {
      guard let text = item.string else {
        throw MillraceError(.invalidInput, "\(name): This field may not be null.")
      }
      texts.append(text)
    }
    return texts
  }
}
