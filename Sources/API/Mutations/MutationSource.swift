import GraphQL
import Millrace
import Postgres

/// A root field of the mutation type: carries something out and answers one payload row.
final class MutationSource: StepSource, @unchecked Sendable {  // immutable after initialisation
  /// Properties of a payload's row.
  static let clientMutationID = PropertyID(0)
  static let key = PropertyID(1)
  /// What a payload tells besides the object.
  static let extra = PropertyID(2)

  typealias Handler = @Sendable (MutationInput, APIContext) async throws -> ValueBatch.Cell

  /// Answers the object's key and the extra property.
  typealias ExtraHandler = @Sendable (MutationInput, APIContext) async throws -> (ValueBatch.Cell, ValueBatch.Cell)

  private let handler: ExtraHandler

  init(_ name: String, withExtra handler: @escaping ExtraHandler) {
    self.handler = handler
    super.init(name: name, shape: .one)
  }

  convenience init(_ name: String, handler: @escaping Handler) {
    self.init(name, withExtra: { (try await handler($0, $1), .null) })
  }

  override func begin(_ request: StepRequest) -> StepResult {
    let context = unsafeDowncast(request.context, to: APIContext.self)
    let input = MutationInput(request.arguments["input"] ?? .null)
    let properties = request.properties
    return .pending(
      PendingEntities(context: context) { [handler] in
        let (key, extra) = try await handler(input, context)
        let cells: [ValueBatch.Cell] = properties.map { property in
          switch property {
          case Self.key: key
          case Self.extra: extra
          default: input["clientMutationId"]?.string.map { .text($0) } ?? .null
          }
        }
        return ValueBatch([cells])
      })
  }
}

/// The `input` argument of a mutation.
struct MutationInput {
  private let value: Value

  init(_ value: Value) {
    self.value = value
  }

  /// Nil when the field was left out.
  subscript(_ name: String) -> Value? { value[name] }

  func text(_ name: String) -> String { value[name]?.string ?? "" }

  /// A required key, from a global id or raw.
  func key(_ name: String) -> String { GlobalID.key(text(name)) }

  func keys(_ name: String) -> [String] {
    (value[name]?.list ?? []).compactMap { $0.string.map(GlobalID.key) }
  }

  /// The id of a stored object.
  ///
  /// - Throws: not found, when the text is no id at all.
  func id(_ name: String, of type: String) throws(MillraceError) -> UUID128 {
    guard let id = UUID128(key(name)) else { throw MillraceError(.notFound, "No \(type) matches the given query.") }
    return id
  }

  /// A value that must not be null when it is given.
  func given(_ name: String) throws(MillraceError) -> Value? {
    guard let found = value[name] else { return nil }
    if found.isNull { throw MillraceError(.invalidInput, "\(name): This field may not be null.") }
    return found
  }
}
