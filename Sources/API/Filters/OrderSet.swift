import GraphQL

/// The orders of an entity: the attributes that rows can be sorted by, and the `meta` columns of which a key can
/// be named.
struct OrderSet: Sendable {
  let attributes: [String: OrderKey]
  let metaColumns: [String: OrderKey]

  init(attributes parts: [String: OrderKey]..., metaColumns: [String: OrderKey] = ["meta": "t.meta"]) {
    var attributes: [String: OrderKey] = [:]
    for part in parts { attributes.merge(part) { first, _ in first } }
    self.attributes = attributes
    self.metaColumns = metaColumns
  }

  /// An order that is total: what the argument says, then creation and key. Null stands last in ascending order.
  func sql(
    _ argument: Value?, _ entity: Entity, _ context: APIContext, _ builder: inout StatementBuilder
  ) throws(GraphQLError) -> String {
    var parts: [String] = []
    for element in argument?.list ?? [] {
      guard case .object(let object) = element else { continue }
      let keys = object.fields.filter { $0.name != "direction" && !$0.value.isNull }
      guard keys.count == 1, let key = keys.first, let name = key.value.string else {
        throw GraphQLError("Every element of `order` needs exactly one key to order by.", code: "INVALID_INPUT")
      }
      let direction = element["direction"]?.string == "DESC" ? " desc" : ""
      if key.name == "attribute" {
        guard let column = attributes[name] else {
          throw GraphQLError("\(entity.name) cannot be ordered by \(name).", code: "INVALID_INPUT")
        }
        parts.append(column.sql(context, &builder) + direction)
      } else if let column = metaColumns[key.name] {
        parts.append("\(column.sql(context, &builder)) -> \(builder.bind(text: name))\(direction)")
      } else {
        throw GraphQLError(
          "The order \(key.name) looks into documents, which this version does not have yet.",
          code: "FORMS_NOT_AVAILABLE")
      }
    }
    // Where all else is equal creation decides, and then the key: that is how the indexes go.
    let isDescending = parts.count == 1 && parts[0].hasSuffix(" desc")
    let direction = isDescending ? " desc" : ""
    if !parts.contains(where: { $0.hasPrefix("t.created_at") }) { parts.append("t.created_at" + direction) }
    parts.append(entity.tieBreaker + direction)
    return parts.joined(separator: ", ")
  }
}
