import EventLoop
import Expressions
import GraphQL
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

/// Mutations of workflows, tasks and flows.
enum DefinitionMutations {
  static let handlers: [String: MutationSource.Handler] = [
    "saveWorkflow": { try await saveWorkflow($0, $1) },
    "addWorkflowFlow": { try await addFlow($0, $1) },
    "saveSimpleTask": { try await saveTask($0, .simple, $1) },
    "saveCompleteWorkflowFormTask": { try await saveTask($0, .completeWorkflowForm, $1) },
    // There are no forms yet that such a task could name.
    "saveCompleteTaskFormTask": { (input, _) in throw noForm(input.key("form")) },
  ]

  static func noForm(_ key: String) -> MillraceError {
    MillraceError(.invalidInput, "Invalid pk \"\(key)\" - object does not exist.")
  }

  static func editor(_ context: APIContext) -> CaseService.Editor {
    CaseService.Editor(
      caller: context.caller, language: context.language, deadline: context.deadline, mark: context.mark)
  }

  private static func saveTask(
    _ input: MutationInput, _ type: TaskType, _ context: APIContext
  ) async throws -> ValueBatch.Cell {
    var task = try task(input, type)
    task.escalation = try escalation(input)
    try await context.service.saveTask(task, by: editor(context))
    return .text(task.slug)
  }

  static func task(_ input: MutationInput, _ type: TaskType) throws(MillraceError) -> DefinitionStore.TaskInput {
    var task = DefinitionStore.TaskInput(slug: input.text("slug"), type: type, name: input.text("name"))
    task.description = field(input, "description") { $0.string }
    task.addressGroups = field(input, "addressGroups") { $0.string }
    task.controlGroups = field(input, "controlGroups") { $0.string }
    task.leadTime = field(input, "leadTime") { $0.int.map { Int32(truncatingIfNeeded: $0) } }
    task.meta = try required(input, "meta") { $0.string ?? "{}" }
    task.isArchived = try required(input, "isArchived") { $0.boolean ?? false }
    task.isMultipleInstance = try required(input, "isMultipleInstance") { $0.boolean ?? false }
    task.continueAsync = try required(input, "continueAsync") { $0.boolean ?? false }
    return task
  }

  private static func escalation(
    _ input: MutationInput
  ) throws(MillraceError) -> DefinitionStore.Field<EscalationRule?> {
    guard let given = input["escalation"] else { return .omitted }
    guard given.object != nil else { return .given(nil) }
    do throws(NodeJSON.Problem) {
      return .given(try NodeJSON.escalation(Expressions.Value(given)))
    } catch {
      throw MillraceError(.invalidInput, error.description)
    }
  }

  private static func saveWorkflow(
    _ input: MutationInput, _ context: APIContext
  ) async throws -> ValueBatch.Cell {
    if let form = input.keys("allowForms").first { throw noForm(form) }
    var workflow = DefinitionStore.WorkflowInput(
      slug: input.text("slug"), name: input.text("name"), startTasks: input.keys("startTasks"))
    workflow.description = field(input, "description") { $0.string }
    workflow.meta = try required(input, "meta") { $0.string ?? "{}" }
    workflow.allowAllForms = try required(input, "allowAllForms") { $0.boolean ?? false }
    workflow.isArchived = try required(input, "isArchived") { $0.boolean ?? false }
    workflow.isPublished = try required(input, "isPublished") { $0.boolean ?? false }
    workflow.versioning = try required(input, "versioning") {
      Versioning(rawValue: ($0.string ?? "").lowercased()) ?? .live
    }
    workflow.defaultCompatibility = context.settings.defaultCompatibility
    workflow.compatibility = try required(input, "compat") {
      Compatibility(rawValue: ($0.string ?? "").lowercased()) ?? .exact
    }
    try await context.service.saveWorkflow(workflow, by: editor(context))
    return .text(workflow.slug)
  }

  private static func addFlow(_ input: MutationInput, _ context: APIContext) async throws -> ValueBatch.Cell {
    let flow = CaseService.FlowInput(
      workflow: input.key("workflow"), tasks: input.keys("tasks"), next: input.text("next"),
      redoable: input["redoable"]?.string)
    try await context.service.addFlow(flow, by: editor(context))
    return .text(flow.workflow)
  }

  /// All definitions of a file, as `millrace load` takes it.
  static func load(
    _ input: MutationInput, _ context: APIContext
  ) async throws -> (ValueBatch.Cell, ValueBatch.Cell) {
    // A file tells of whatever it names whether it is there.
    guard !context.service.extensions.restrictsVisibility else { throw MillraceError.permissionDenied }
    guard let upload = context.uploads[input.text("file")] else {
      throw MillraceError(.invalidInput, "file: There is no such upload.")
    }
    let bytes = try await context.database.loop.offload { Result { try upload.contents() } }.get()
    let report: DefinitionLoad.Report
    do {
      let file = try DefinitionFile(String(decoding: bytes, as: UTF8.self))
      if input["dryRun"]?.boolean == true {
        report = try await DefinitionLoad.run(file, isDry: true, caller: context.caller, database: context.database)
      } else {
        report = try await DefinitionLoad.run(file, service: context.service, by: editor(context))
      }
    } catch let failure as DefinitionFile.Failure {
      throw MillraceError(.invalidInput, "\(upload.filename):\(failure)")
    }
    return (.null, .value(report.value(withAbsent: false)))
  }

  /// A field that may be null.
  private static func field<Result>(
    _ input: MutationInput, _ name: String, _ read: (GraphQL.Value) -> Result?
  ) -> DefinitionStore.Field<Result?> {
    input[name].map { .given(read($0)) } ?? .omitted
  }

  private static func required<Result>(
    _ input: MutationInput, _ name: String, _ read: (GraphQL.Value) -> Result
  ) throws(MillraceError) -> DefinitionStore.Field<Result> {
    try input.given(name).map { .given(read($0)) } ?? .omitted
  }
}
