/// Names one value that a source can deliver for its rows: a column, or a pure function of columns.
public struct PropertyID: Hashable, Sendable {
  public let index: Int

  public init(_ index: Int) {
    self.index = index
  }
}

/// Where the rows of a field come from. One call answers a whole batch of parents, so the number of calls
/// depends on the document and never on the number of rows.
///
/// A source is made once, when the schema is bound, and never changes afterwards.
open class StepSource: @unchecked Sendable {  // immutable after initialisation; subclasses keep to that
  public enum Shape: Sendable {
    /// At most one row per parent.
    case one
    /// A plain list of rows per parent.
    case list
    /// A Relay connection per parent: a slice of a list with page information.
    case connection
  }

  /// For explanations of a plan.
  public let name: String
  public let shape: Shape
  /// What this source has to know of its parents' rows.
  public let parentProperties: [PropertyID]
  /// Whether `begin` always answers at once; a plan of such steps runs without a task.
  public let isSynchronous: Bool

  /// Whether the rows depend on nothing but the schema and the arguments, now and later.
  open var isConstant: Bool { false }

  /// Whether a step may begin before the step above it has ended, for rows that are certain but not there yet: it only
  /// sends what is to be asked, and the one who has it begin sees to it that the answer is late enough.
  open var beginsAhead: Bool { false }

  public init(name: String, shape: Shape, parentProperties: [PropertyID] = [], isSynchronous: Bool = false) {
    self.name = name
    self.shape = shape
    self.parentProperties = parentProperties
    self.isSynchronous = isSynchronous
  }

  /// Starts to fetch. All steps of a level begin before any of them is awaited, so that their statements travel
  /// together.
  open func begin(_ request: StepRequest) -> StepResult {
    .failed(GraphQLError("The source \(name) does not deliver rows."))
  }
}

/// What a step asks of its source.
public struct StepRequest {
  let schema: Schema
  /// The rows of the step above; nil for a root step.
  public let parents: RowBatch?
  /// For each of the source's `parentProperties`, the slot in `parents`.
  public let parentSlots: [Int]
  /// What the selection needs: the value of property `properties[slot]` is written from `slot`.
  public let properties: [PropertyID]
  /// The field's coerced arguments.
  public let arguments: ValueObject
  /// What the selection asks of a connection.
  public let connection: ConnectionRequest
  /// What the host of the executor knows of the request.
  public let context: ExecutionContext
  /// The event that the response answers to, in a subscription.
  public let event: SourceEvent?
  /// Begins the steps below this one; nil where they have to wait.
  public let ahead: StepsAhead?

  /// How many parents want rows.
  public var parentCount: Int { parents?.rowCount ?? 1 }
}

/// What a selection asks for besides properties.
public struct ConnectionRequest: Sendable {
  /// The concrete type of each row.
  public var concreteType = false
  // Parts of a connection.
  public var rows = false
  public var pageInfo = false
  public var totalCount = false

  public init() {}
}

/// The answer of a source to a request.
public enum StepResult {
  case ready(RowBatch)
  /// The rows are on their way.
  case pending(any PendingBatch)
  case failed(GraphQLError)
}

/// Rows that are on their way.
public protocol PendingBatch {
  func batch() async throws(GraphQLError) -> RowBatch
}

/// What a host hands through the executor to its sources: the caller, the database, the language. Made per
/// request, used on one thread only.
open class ExecutionContext {
  /// Errors that the answer lists at most, see `Limits.maxErrors`.
  public let maxErrors: Int

  public init(maxErrors: Int = Limits().maxErrors) {
    self.maxErrors = maxErrors
  }

  /// Called with an error that a client must not see in full; answers what it may see.
  open func masked(_ error: any Error) -> GraphQLError {
    GraphQLError("Internal error.")
  }
}
