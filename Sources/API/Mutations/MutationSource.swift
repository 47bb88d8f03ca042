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
  /// What became of each object of a bulk mutation.
  static let results = PropertyID(3)

  typealias Handler = @Sendable (MutationInput, APIContext) async throws -> ValueBatch.Cell

  /// Answers the object's key and the extra property.
  typealias ExtraHandler = @Sendable (MutationInput, APIContext) async throws -> (ValueBatch.Cell, ValueBatch.Cell)

  typealias BulkHandler = @Sendable (MutationInput, APIContext) async throws -> [BulkResult]

  /// How a mutation is carried out.
  enum Action: Sendable {
    /// As a command on a case family, which extensions judge behind the family's lock.
    case command(CommandMutation)
    case other(Handler)
    case withExtra(ExtraHandler)
    case bulk(BulkHandler)
  }

  private let action: Action
  private let coerce: MutationCoercion

  init(_ name: String, schema: Schema, _ action: Action) {
    self.action = action
    coerce = MutationCoercion(name, schema)
    super.init(name: name, shape: .one)
  }

  override func begin(_ request: StepRequest) -> StepResult {
    let context = unsafeDowncast(request.context, to: APIContext.self)
    let input = MutationInput(request.arguments["input"] ?? .null)
    context.beginMutation()
    let (properties, ahead) = (request.properties, request.ahead)
    return .pending(
      PendingEntities(context: context) { [name, action, coerce] in
        let frame = MutationFrame(name, context, coerce: coerce)
        try await frame?.permit(input)
        func payload(
          _ key: ValueBatch.Cell, _ extra: ValueBatch.Cell, _ results: ValueBatch.Cell = .null
        ) -> ValueBatch {
          ValueBatch([
            properties.map { property in
              switch property {
              case Self.key: key
              case Self.extra: extra
              case Self.results: results
              default: input["clientMutationId"]?.string.map { .text($0) } ?? .null
              }
            }
          ])
        }
        switch action {
        case .command(let mutation):
          return try await CaseMutations.run(mutation, input, context, frame, ahead) { payload($0, .null) }
        case .other(let handler):
          return payload(try await handler(try await frame?.admit(input) ?? input, context), .null)
        case .withExtra(let handler):
          let (key, extra) = try await handler(try await frame?.admit(input) ?? input, context)
          return payload(key, extra)
        case .bulk(let handler):
          let all = try await handler(try await frame?.admit(input) ?? input, context)
          return payload(.null, .value(.int(Int64(all.count { $0.error == nil }))), .rows(all.map(\.cells)))
        }
      })
  }
}

/// The `input` argument of a mutation.
struct MutationInput: Sendable {
  let value: Value

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
