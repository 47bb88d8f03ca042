import Expressions
import GraphQL
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

/// Mutations that come with typed nodes.
enum NodeMutations {
  static let commands: [String: CommandMutation] = [
    "assignWorkItem": CommandMutation(.workItem) { (input, _) in
      (.assignWorkItem(try item(input), users: users(input)), nil)
    },
    "reassignWorkItem": CommandMutation(.workItem) { (input, _) in
      (.reassignWorkItem(try item(input), users: users(input)), nil)
    },
    "unassignWorkItem": CommandMutation(.workItem) { (input, _) in (.unassignWorkItem(try item(input)), nil) },
    "claimWorkItem": CommandMutation(.workItem) { (input, _) in (.claimWorkItem(try item(input)), nil) },
    "startWorkItem": CommandMutation(.workItem) { (input, _) in (.startWorkItem(try item(input)), nil) },
    "prepareWorkItem": CommandMutation(.workItem) { (input, _) in (.prepareWorkItem(try item(input)), nil) },
    "activateWorkItem": CommandMutation(.workItem) { (input, _) in (.activateWorkItem(try item(input)), nil) },
    "activateNext": CommandMutation(.workItem) { (input, _) in (.activateNext(try item(input)), nil) },
    "undoWorkItem": CommandMutation(.workItem) { (input, _) in
      let (cascade, reopen) = (input["cascade"]?.boolean ?? false, input["reopen"]?.boolean ?? false)
      return (.undoWorkItem(try item(input), cascade: cascade, reopen: reopen), nil)
    },
    "reviveWorkItem": CommandMutation(.workItem) { (input, _) in (.reviveWorkItem(try item(input)), nil) },
    "addSubprocessItem": CommandMutation(.case) { (input, _) in
      let id = EntityID(try input.id("workItem", of: "WorkItem"))
      return (.addSubprocessItem(id, element: try input.given("element")?.string), nil)
    },
    "retryWorkItem": CommandMutation(.workItem) { (input, _) in (.retryWorkItem(try item(input)), nil) },
  ]

  static let handlers: [String: MutationSource.Handler] = ["saveNodeTask": { try await saveNodeTask($0, $1) }]

  static let withExtra: [String: MutationSource.ExtraHandler] = [
    "publishWorkflow": { (input, context) in
      let slug = input.key("workflow")
      let number = try await context.service.publish(workflow: slug, by: DefinitionMutations.editor(context))
      return (.text(slug), .value(.int(number)))
    },
    "migrateCases": { (input, context) in (.null, try await migrate(input, context)) },
  ]

  static let bulk: [String: MutationSource.BulkHandler] = [
    "bulkAssignWorkItems": { (input, context) in
      try await bulk(input, context) { .assignWorkItem($0, users: users(input)) }
    },
    "bulkUnassignWorkItems": { (input, context) in try await bulk(input, context) { .unassignWorkItem($0) } },
  ]

  private static func item(_ input: MutationInput) throws(MillraceError) -> EntityID {
    EntityID(try input.id("id", of: "WorkItem"))
  }

  private static func users(_ input: MutationInput) -> [String] { (input["users"]?.list ?? []).compactMap(\.string) }

  /// All of them or none, unless each is to be for itself.
  private static func bulk(
    _ input: MutationInput, _ context: APIContext, _ command: (EntityID) -> Command
  ) async throws -> [BulkResult] {
    func request(_ id: EntityID) -> CaseService.Request {
      CaseService.Request(
        command: command(id), caller: context.caller, context: input["context"]?.string, deadline: context.deadline)
    }
    let ids = input.keys("workItems").map { EntityID($0) }
    let unknown = MillraceError(.notFound, "No WorkItem matches the given query.")
    guard input["allOrNone"]?.boolean == false else {
      let requests = try ids.map { id in
        guard let id else { throw unknown }
        return request(id)
      }
      try await context.service.runAll(requests, mark: context.mark, deadline: context.deadline)
      return ids.map { BulkResult(workItem: $0, error: nil) }
    }
    var results: [BulkResult] = []
    for (place, id) in ids.enumerated() {
      guard let id else {
        results.append(BulkResult(workItem: nil, error: unknown))
        continue
      }
      var request = request(id)
      request.mark = context.mark?.part("\(place)")
      do throws(MillraceError) {
        _ = try await context.service.run(request)
        results.append(BulkResult(workItem: id, error: nil))
      } catch {
        results.append(BulkResult(workItem: id, error: error))
      }
    }
    return results
  }

  // MARK: Definitions

  /// The fields of the input that are the task's own; all others are the node's.
  private static let taskFields: Set = [
    "slug", "name", "type", "description", "meta", "addressGroups", "controlGroups", "isArchived", "leadTime",
    "isMultipleInstance", "continueAsync", "clientMutationId",
  ]

  private static func saveNodeTask(_ input: MutationInput, _ context: APIContext) async throws -> ValueBatch.Cell {
    guard let type = TaskType(rawValue: (input["type"]?.string ?? "").lowercased()) else {
      throw MillraceError(.invalidInput, "type: There is no such type.")
    }
    let members = (input.value.object?.fields ?? []).filter { !taskFields.contains($0.name) }
    let node: NodeDefinition
    do throws(NodeJSON.Problem) {
      node = try NodeJSON.node(Expressions.Value(GraphQL.Value.object(ValueObject(members))))
    } catch {
      throw MillraceError(.invalidInput, error.description)
    }
    var task = try DefinitionMutations.task(input, type)
    task.node = .given(node)
    try await context.service.saveTask(task, by: DefinitionMutations.editor(context))
    return .text(task.slug)
  }

  private static func migrate(_ input: MutationInput, _ context: APIContext) async throws -> ValueBatch.Cell {
    // It moves and counts all cases, and names the tasks of their items.
    guard ![StoredType.case, .workItem, .task].contains(where: context.visibility.isRestricted) else {
      throw MillraceError(
        .permissionDenied, "Cases are migrated by those who may see all of them, their items and tasks.")
    }
    var mapping: [String: String] = [:]
    if let text = input["mapping"]?.string {
      guard case .object(let members)? = Expressions.Value(json: text) else {
        throw MillraceError(.invalidInput, "mapping: An object from tasks to tasks is needed.")
      }
      for member in members {
        guard case .string(let task) = member.value else {
          throw MillraceError(.invalidInput, "mapping: An object from tasks to tasks is needed.")
        }
        mapping[member.key] = task
      }
    }
    let report = try await context.service.migrate(
      CaseService.MigrationInput(
        workflow: input.key("workflow"), from: input["from"]?.int.map { Int64($0) },
        to: input["to"]?.int.map { Int64($0) }, mapping: mapping, isDry: input["dryRun"]?.boolean ?? false),
      by: DefinitionMutations.editor(context))
    let unmapped = report.unmapped.sorted { $0.key < $1.key }
    return .value(
      .object(
        ValueObject([
          .init(name: "cases", value: .int(Int64(report.cases.count))),
          .init(
            name: "unmapped",
            value: .object(ValueObject(unmapped.map { .init(name: $0.key, value: .int(Int64($0.value))) }))),
        ])))
  }
}
