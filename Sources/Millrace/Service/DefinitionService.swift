import Expressions
import Postgres
import WorkflowEngine
import WorkflowStore

/// Carries out the mutations of workflows, tasks and flows.
extension CaseService {
  /// Who changes definitions, and in which language texts are.
  public struct Editor: Sendable {
    public var caller: Caller
    public var language: String
    public var deadline: UInt64?
    /// Has the change carried out once, however often the request comes.
    public var mark: MutationMark?

    public init(caller: Caller, language: String, deadline: UInt64? = nil, mark: MutationMark? = nil) {
      self.caller = caller
      self.language = language
      self.deadline = deadline
      self.mark = mark
    }
  }

  public func saveTask(_ input: DefinitionStore.TaskInput, by editor: Editor) async throws(MillraceError) {
    try DefinitionChecks.slug(input.slug)
    try DefinitionChecks.name(input.name)
    for expression in [input.addressGroups, input.controlGroups] {
      guard let text = expression.value ?? nil, !text.isEmpty else { continue }
      let problems = GroupExpression.problems(of: try analysis(of: text))
      if let first = problems.first { throw MillraceError(.invalidInput, first) }
    }
    if let leadTime = input.leadTime.value ?? nil, leadTime < 0 {
      throw MillraceError(.invalidInput, "Ensure this value is greater than or equal to 0.")
    }
    if input.continueAsync.value == true, input.isMultipleInstance.value != true {
      throw MillraceError(.invalidInput, "Only multiple instance tasks can continue asynchronously")
    }
    if let node = input.node.value ?? nil { try check(node) }
    if let rule = input.escalation.value ?? nil {
      var node = NodeDefinition()
      node.escalation = rule
      try check(node)
    }
    try await write(editor) { scope in
      try await scope.save(.task, input.slug) {
        DefinitionStore.save(
          input, language: editor.language, caller: editor.caller, now: Timestamp.now(), in: $0)
      }
      for timer in input.boundaryTimers {
        try await scope.save(.task, timer.slug) {
          DefinitionStore.save(
            timer, language: editor.language, caller: editor.caller, now: Timestamp.now(), in: $0)
        }
      }
    }
  }

  public func saveWorkflow(_ input: DefinitionStore.WorkflowInput, by editor: Editor) async throws(MillraceError) {
    try DefinitionChecks.slug(input.slug)
    try DefinitionChecks.name(input.name)
    guard !input.startTasks.isEmpty else { throw MillraceError(.invalidInput, "This list may not be empty.") }
    try await write(editor) { scope in
      try await Self.requireTasks(input.startTasks, in: scope.transaction)
      try await scope.save(.workflow, input.slug) {
        DefinitionStore.save(
          input, language: editor.language, caller: editor.caller, now: Timestamp.now(), in: $0)
      }
    }
  }

  public struct FlowInput: Sendable {
    public var workflow: String
    public var tasks: [String]
    public var next: String
    public var redoable: String?

    public init(workflow: String, tasks: [String], next: String, redoable: String?) {
      self.workflow = workflow
      self.tasks = tasks
      self.next = next
      self.redoable = redoable
    }
  }

  public func addFlow(_ input: FlowInput, by editor: Editor) async throws(MillraceError) {
    guard !input.tasks.isEmpty else { throw MillraceError(.invalidInput, "This list may not be empty.") }
    guard Set(input.tasks).count == input.tasks.count else {
      throw MillraceError(.invalidInput, "A task can stand only once among the tasks of a flow.")
    }
    let next = try analysis(of: input.next)
    let redoable = try input.redoable.flatMap { $0.isEmpty ? nil : $0 }.map { (text) throws(MillraceError) in
      try analysis(of: text)
    }
    try await write(editor) { scope in
      let transaction = scope.transaction
      guard try await DefinitionStore.hasWorkflow(input.workflow, in: transaction) else {
        throw Self.unknown(input.workflow)
      }
      try await Self.requireTasks(input.tasks, in: transaction)
      let known = try await DefinitionStore.existing(
        tasks: next.tasks + (redoable?.tasks ?? []), in: transaction)
      for analysis in [next, redoable].compactMap(\.self) {
        let problems = FlowExpression.problems(of: analysis) {
          known.contains($0) || extensions.dynamicTask($0) != nil
        }
        if let first = problems.first { throw MillraceError(.invalidInput, first) }
      }
      guard !next.tasks.isEmpty || !(redoable?.tasks.isEmpty ?? true) else {
        throw MillraceError(.invalidInput, "Either `next` or `redoable` must contain tasks")
      }
      var identifiers = FamilyIdentifiers()
      let id = identifiers.next()
      try await scope.save(.flow, id.description, isCreated: true) {
        DefinitionStore.addFlow(
          id: id, workflow: input.workflow, tasks: input.tasks, next: input.next,
          nextTasks: next.tasks.filter(known.contains), redoable: input.redoable, caller: editor.caller,
          now: Timestamp.now(), in: $0)
      }
    }
  }

  /// - Parameter inspect: called in the transaction before the flow goes away.
  public func removeFlow<Result>(
    _ id: EntityID, by editor: Editor, inspect: (Transaction) async throws -> Result
  ) async throws(MillraceError) -> Result {
    try await write(editor, repeated: inspect) { scope in
      let result = try await inspect(scope.transaction)
      let isRemoved = try await scope.delete(.flow, id.description) {
        try await DefinitionStore.removeFlow(id, caller: editor.caller, now: Timestamp.now(), in: $0)
      }
      guard isRemoved else {
        throw MillraceError(.notFound, "No Flow matches the given query.")
      }
      return result
    }
  }

  // MARK: Checks

  private func write(
    _ editor: Editor, _ body: (DefinitionScope) async throws -> Void
  ) async throws(MillraceError) {
    try await write(editor, repeated: { _ in }, body)
  }

  /// - Parameter repeated: answers a request that was carried out before.
  private func write<Result>(
    _ editor: Editor, repeated: (Transaction) async throws -> Result, _ body: (DefinitionScope) async throws -> Result
  ) async throws(MillraceError) -> Result {
    do {
      let (result, actions) = try await database.transaction(
        deadline: editor.deadline
      ) { transaction -> (Result, [@Sendable () async -> Void]) in
        let claim = editor.mark.map { IdempotencyStore.claim($0, in: transaction) }
        DefinitionStore.begin(in: transaction)
        if try await claim?.stored() != nil { return (try await repeated(transaction), []) }
        let scope = DefinitionScope(service: self, transaction: transaction, editor: editor)
        return (try await body(scope), scope.commitActions)
      }
      carryOut(actions)
      // Something may start by a signal or the clock now.
      work.wake()
      return result
    } catch {
      throw shown(error)
    }
  }

  /// - Throws: that an expression of a node cannot be parsed.
  private func check(_ node: NodeDefinition) throws(MillraceError) {
    for text in node.expressions { _ = try analysis(of: text) }
  }

  func analysis(of text: String) throws(MillraceError) -> Analysis {
    do throws(ExpressionError) {
      return try expressions.expression(text).analyze()
    } catch {
      throw MillraceError(.invalidInput, "Could not parse expression: \(error.explanation)")
    }
  }

  static func requireTasks(_ slugs: [String], in transaction: Transaction) async throws {
    let known = try await DefinitionStore.existing(tasks: slugs, in: transaction)
    if let missing = slugs.first(where: { !known.contains($0) }) { throw unknown(missing) }
  }

  static func unknown(_ key: String) -> MillraceError {
    MillraceError(.invalidInput, "Invalid pk \"\(key)\" - object does not exist.")
  }
}
