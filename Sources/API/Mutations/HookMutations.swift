import GraphQL
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

/// Mutations of hooks and their deliveries.
enum HookMutations {
  static let handlers: [String: MutationSource.Handler] = [
    "removeHook": { (input, context) in
      let id = EntityID(try input.id("hook", of: "Hook"))
      try await context.service.removeHook(id, by: context.caller, mark: context.mark, deadline: context.deadline)
      return .uuid(id.uuid)
    },
    "redeliverHook": { (input, context) in
      let id = EntityID(try input.id("delivery", of: "HookDelivery"))
      try await context.service.redeliverHook(id, mark: context.mark, deadline: context.deadline)
      return .uuid(id.uuid)
    },
    "testHook": { (input, context) in
      let id = try await context.service.testHook(
        EntityID(try input.id("hook", of: "Hook")), case: EntityID(try input.id("case", of: "Case")),
        by: context.caller, mark: context.mark, deadline: context.deadline)
      return .uuid(id.uuid)
    },
  ]

  /// - Returns: the hook, and the secret that was made for it.
  static func saveHook(
    _ input: MutationInput, _ context: APIContext
  ) async throws -> (ValueBatch.Cell, ValueBatch.Cell) {
    var hook = HookInput()
    if input["id"]?.string != nil { hook.id = EntityID(try input.id("id", of: "Hook")) }
    hook.name = try input.given("name")?.string
    try readTrigger(input, &hook)
    hook.moment = try choice(input, "moment", Hook.Moment.init(rawValue:))
    hook.workflow = key(input, "workflow")
    hook.task = key(input, "task")
    hook.source = key(input, "source")
    hook.destination = key(input, "destination")
    if let value = input["case"] {
      hook.caseID = .given(value.isNull ? nil : EntityID(try input.id("case", of: "Case")))
    }
    hook.filter = input["filter"].map { .given($0.string) } ?? .omitted
    hook.onError = try choice(input, "onError", Hook.ErrorPolicy.init(rawValue:))
    hook.isOrdered = try input.given("isOrdered").map { .given($0.boolean ?? false) } ?? .omitted
    hook.isEnabled = try input.given("isEnabled").map { .given($0.boolean ?? true) } ?? .omitted
    try readAction(input, &hook)
    let saved = try await context.service.saveHook(
      hook, by: context.caller, mark: context.mark, deadline: context.deadline)
    return (.uuid(saved.id.uuid), saved.secret.map { .text($0) } ?? .null)
  }

  private static func readTrigger(_ input: MutationInput, _ hook: inout HookInput) throws(MillraceError) {
    var event: EventName?
    if let name = input["event"]?.string {
      event = EventName(rawValue: name)
      guard event != nil else { throw MillraceError(.invalidInput, "There is no event \(name).") }
    }
    switch try input.given("trigger")?.string {
    case nil: if let event { hook.trigger = .given(.event(event)) }
    case "EVENT":
      guard let event else { throw MillraceError(.invalidInput, "A hook of an event needs the event.") }
      hook.trigger = .given(.event(event))
    case let other:
      guard event == nil else { throw MillraceError(.invalidInput, "Only hooks of events have an event.") }
      hook.trigger = .given(other == "TRANSITION" ? .transition : .completion)
    }
  }

  private static func readAction(_ input: MutationInput, _ hook: inout HookInput) throws(MillraceError) {
    let function = input["function"]?.string
    let webhook = input["webhook"]
    if let webhook, !webhook.isNull {
      guard function == nil else {
        throw MillraceError(.invalidInput, "A hook has a function or a webhook, not both.")
      }
      hook.action = .given(
        .webhook(url: webhook["url"]?.string ?? "", secrets: (webhook["secrets"]?.list ?? []).compactMap(\.string)))
    } else if let function {
      hook.action = .given(.function(function))
    }
  }

  private static func key(_ input: MutationInput, _ name: String) -> HookInput.Field<String?> {
    input[name].map { .given($0.string.map(GlobalID.key)) } ?? .omitted
  }

  /// An enum value, which is stored in lower case.
  private static func choice<Choice>(
    _ input: MutationInput, _ name: String, _ read: (String) -> Choice?
  ) throws(MillraceError) -> HookInput.Field<Choice> {
    guard let text = try input.given(name)?.string, let choice = read(text.lowercased()) else { return .omitted }
    return .given(choice)
  }
}
