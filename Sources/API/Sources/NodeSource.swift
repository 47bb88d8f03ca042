import GraphQL
import Millrace
import Postgres

/// The object that a global id names, when it is of this source's type.
final class NodeSource: EntitySource, @unchecked Sendable {  // immutable after initialisation
  private let type: String
  /// All types that implement `Node`.
  private let nodeTypes: Set<String>
  private let condition: String

  /// - Parameter condition: what else has to hold, for entities with several types.
  init(_ entity: Entity, schema: Schema, type: String, condition: String = "") {
    self.type = type
    self.condition = condition
    nodeTypes = Set(schema.possibleTypeNames(of: "Node"))
    super.init(entity, schema: schema, name: "node:\(type)", shape: .one)
  }

  override func begin(_ request: StepRequest) -> StepResult {
    guard let text = request.arguments["id"]?.string, let id = GlobalID.decode(text) else {
      return .failed(
        GraphQLError(
          "Unable to parse global ID \"\(request.arguments["id"]?.string ?? "")\". "
            + "Make sure it is a base64 encoded string in the format: \"TypeName:id\".",
          code: "INVALID_INPUT"))
    }
    guard nodeTypes.contains(id.type) else {
      return .failed(GraphQLError("Relay Node \"\(id.type)\" not found in schema", code: "INVALID_INPUT"))
    }
    guard id.type == type else { return empty(request) }
    let context = context(request)
    var builder = StatementBuilder()
    let list = selectList(request, context, &builder)
    let table = entity.rows(context, &builder)
    let key: String
    switch entity.keyType {
    case .text: key = builder.bind(text: id.key)
    case .uuid:
      guard let uuid = UUID128(id.key) else {
        return .failed(GraphQLError("\u{201C}\(id.key)\u{201D} is not a valid UUID.", code: "INVALID_INPUT"))
      }
      key = builder.bind(uuid: uuid)
    }
    builder.append("select 1::bigint\(list) from \(table) t where t.\(entity.key) = \(key)\(condition)")
    if let shown = visible(context, &builder) { builder.append(" and \(shown)") }
    return send(builder, request, context)
  }
}
