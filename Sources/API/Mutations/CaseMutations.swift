import GraphQL
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

/// Mutations of cases and work items.
enum CaseMutations {
  static let commands: [String: CommandMutation] = [
    "saveCase": CommandMutation(.case, saveCase),
    "startCase": CommandMutation(.case) { (input, _) in (try startCase(input), nil) },
    "cancelCase": CommandMutation(.case) { (input, _) in (.cancelCase(try caseID(input)), nil) },
    "suspendCase": CommandMutation(.case) { (input, _) in (.suspendCase(try caseID(input)), nil) },
    "resumeCase": CommandMutation(.case) { (input, _) in (.resumeCase(try caseID(input)), nil) },
    "reopenCase": CommandMutation(.case) { (input, _) in (try reopenCase(input), nil) },
    "completeWorkItem": CommandMutation(.workItem) { (input, _) in
      (.completeWorkItem(try itemID(input), artifacts: try artifacts(input)), nil)
    },
    "skipWorkItem": CommandMutation(.workItem) { (input, _) in (.skipWorkItem(try itemID(input)), nil) },
    "cancelWorkItem": CommandMutation(.workItem) { (input, _) in (.cancelWorkItem(try itemID(input)), nil) },
    "suspendWorkItem": CommandMutation(.workItem) { (input, _) in (.suspendWorkItem(try itemID(input)), nil) },
    "resumeWorkItem": CommandMutation(.workItem) { (input, _) in (.resumeWorkItem(try itemID(input)), nil) },
    "redoWorkItem": CommandMutation(.workItem) { (input, _) in (.redoWorkItem(try itemID(input)), nil) },
    "saveWorkItem": CommandMutation(.workItem) { (try saveWorkItem($0, $1), nil) },
    "createWorkItem": CommandMutation(.workItem) { (try createWorkItem($0, $1), nil) },
    "snoozeWorkItem": CommandMutation(.workItem) { (input, _) in
      guard let moment = input["until"].flatMap(time) else {
        throw MillraceError(.invalidInput, "until: This field may not be null.")
      }
      return (.snoozeWorkItem(try itemID(input), until: moment), nil)
    },
    "unsnoozeWorkItem": CommandMutation(.workItem) { (input, _) in
      (.unsnoozeWorkItem(try itemID(input), isDue: false), nil)
    }
  ]

  private static func unknown(_ key: String) -> String { "Invalid pk \"\(key)\" - object does not exist." }

  /// Carries out the command of an input.
  ///
  /// - Parameters:
  ///   - frame: what extensions have a say in; nil when they have none.
  ///   - ahead: begins the selection; it travels behind COMMIT then, instead of being sent once that is acknowledged.
  ///   - payload: makes the answer out of the object's key.
  static func run(
    _ mutation: CommandMutation, _ input: MutationInput, _ context: APIContext, _ frame: MutationFrame?,
    _ ahead: StepsAhead?, _ payload: (ValueBatch.Cell) -> ValueBatch
  ) async throws -> ValueBatch {
    let (command, sender) = try mutation.make(input, context)
    var request = CaseService.Request(
      command: command, sender: sender, caller: context.caller, ifVersion: input["ifVersion"]?.int.map { Int64($0) },
      deadline: context.deadline)
    request.mark = context.mark
    if let text = input["context"]?.string {
      request.context = text
      if let value = try? JSONDocument(text) { request.contextValue = JSON(value.root.value) }
    }
    request.gate = frame?.gate(input) { try mutation.make($0, context).command }
    func batch(_ outcome: CaseService.Outcome) -> ValueBatch {
      let id =
        switch mutation.subject {
        case .case: outcome.caseID
        case .workItem: outcome.workItemID
        }
      return payload(id.map { .uuid($0.uuid) } ?? .null)
    }
    guard let ahead else { return batch(try await context.service.run(request)) }
    var begun: ValueBatch?
    let outcome = try await context.service.run(request) { outcome, transaction in
      guard let transaction else { return ahead.discard() }
      context.behindCommit(of: transaction) {
        let batch = batch(outcome)
        begun = batch
        ahead.begin(batch)
      }
    }
    return begun ?? batch(outcome)
  }

  private static func caseID(_ input: MutationInput) throws(MillraceError) -> EntityID {
    EntityID(try input.id("id", of: "Case"))
  }

  private static func itemID(_ input: MutationInput) throws(MillraceError) -> EntityID {
    EntityID(try input.id("id", of: "WorkItem"))
  }

  private static func reopenCase(_ input: MutationInput) throws -> Command {
    var items: [EntityID] = []
    for key in input.keys("workItems") {
      guard let id = EntityID(key) else { throw MillraceError(.invalidInput, unknown(key)) }
      items.append(id)
    }
    return .reopenCase(try caseID(input), workItems: items)
  }

  private static func startCase(_ input: MutationInput) throws -> Command {
    if let form = input["form"]?.string { throw DefinitionMutations.noForm(GlobalID.key(form)) }
    var start = StartCase(workflow: input.key("workflow"), meta: try input.given("meta")?.string ?? "{}")
    start.data = try data(input) ?? "{}"
    start.artifacts = try artifacts(input) ?? []
    start.trigger = input["trigger"]?.string
    if let parent = input["parentWorkItem"]?.string {
      guard let id = EntityID(GlobalID.key(parent)) else {
        throw MillraceError(.invalidInput, unknown(GlobalID.key(parent)))
      }
      start.parentWorkItem = id
    }
    return .startCase(start)
  }

  /// What a case or a work item points to; nil when the input does not say.
  static func artifacts(_ input: MutationInput) throws(MillraceError) -> [Artifact]? {
    try input.given("artifacts")?.list?.map { value in
      Artifact(
        name: value["name"]?.string ?? "", type: value["type"]?.string ?? "", key: value["key"]?.string,
        url: value["url"]?.string)
    }
  }

  /// What the nodes of a case share.
  private static func data(_ input: MutationInput) throws(MillraceError) -> String? {
    guard let text = try input.given("data")?.string else { return nil }
    guard let found = try? JSONDocument(text), case .object = found.root.value else {
      throw MillraceError(.invalidInput, "data: An object is needed.")
    }
    return text
  }

  @Sendable
  private static func saveCase(
    _ input: MutationInput, _ context: APIContext
  ) throws -> (command: Command, sender: Operation?) {
    guard let text = input["id"]?.string else { return (try startCase(input), .saveCase) }
    guard let id = EntityID(text) else { throw MillraceError(.invalidInput, "Must be a valid UUID.") }
    let update = UpdateCase(id: id, workflow: input.key("workflow"), meta: try input.given("meta")?.string,
      data: try data(input), artifacts: try artifacts(input))
    return (.updateCase(update), nil)
  }

  private static func saveWorkItem(_ input: MutationInput, _ context: APIContext) throws -> Command {
    var save = SaveWorkItem(id: EntityID(try input.id("workItem", of: "WorkItem")))
    save.name = input["name"].map { localized($0.string, context) }
    save.description = input["description"].map { localized($0.string, context) }
    save.assignedUsers = try input.given("assignedUsers").map { try texts($0, "assignedUsers") }
    save.meta = try input.given("meta")?.string
    save.data = try input.given("data")?.string
    save.artifacts = try artifacts(input)
    if let deadline = input["deadline"] { save.deadline = .some(time(deadline)) }
    return .saveWorkItem(save)
  }

  private static func createWorkItem(_ input: MutationInput, _ context: APIContext) throws -> Command {
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
    return .createWorkItem(create)
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
