import EventLoop
import GraphQL
import Logging
import Millrace
import Postgres
import WorkflowEngine

/// How a request would be answered: its steps and the statements they send. Nothing is executed, and no database
/// is needed.
public struct RequestExplanation: Sendable {
  public struct Step: Sendable {
    public let plan: StepExplanation
    /// The statements in the order in which they leave. Empty for a mutation, whose statements depend on what it finds.
    public let statements: [String]
    /// Why the step cannot begin with these arguments.
    public let refusal: String?
  }

  public let operation: OperationType
  public let steps: [Step]

  /// - Parameters:
  ///   - loop: any loop; nothing runs on it.
  ///   - operationName: needed when the document has several operations.
  /// - Throws: `RequestErrors`, as a client would get them.
  public init(
    _ query: String, operationName: String?, variables: ValueObject, schema: APISchema, settings: APISettings,
    loop: EventLoop, logger: Logger
  ) throws(RequestErrors) {
    let plan = try Self.plan(query, operationName, schema, settings)
    let values = try plan.coerceVariables(variables, limits: settings.limits)
    // Never started, so it has no connection and whatever is sent comes to nothing.
    let database = Database(loop: loop, configuration: DatabaseConfiguration(conninfo: ""), logger: logger)
    let context = APIContext(
      database: database,
      service: CaseService(database: database, receivers: ReceiverTable(), logger: logger),
      user: User(), language: settings.languages.first ?? "en", settings: settings, deadline: .max, logger: logger)
    var statements: [String] = []
    context.observer = { sql, _ in statements.append(sql.text) }
    var steps: [Step] = []
    var execution = Execution(plan: plan, variables: values, context: context)
    execution.rehearse(example: ExampleBatch()) { step, error in
      steps.append(Step(plan: step, statements: statements, refusal: error?.message))
      statements = []
    }
    self.operation = plan.operation
    self.steps = steps
  }

  private static func plan(
    _ query: String, _ operationName: String?, _ schema: APISchema, _ settings: APISettings
  ) throws(RequestErrors) -> Plan {
    try GraphQLService.compile(
      ContiguousArray(query.utf8), operationName, schema.binding, settings, showsSchema: true
    ).plan
  }
}

/// One parent whose every key is there.
private final class ExampleBatch: KeyedBatch {
  init() {
    super.init(rowCount: 1, starts: [0], ends: [1])
  }

  override func uuidKey(row: Int, slot: Int) -> UUID128? { UUID128(high: 0, low: 0) }
  override func textKey(row: Int, slot: Int) -> String? { "" }
}
