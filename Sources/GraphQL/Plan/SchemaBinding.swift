/// How each field of the schema gets its value. Complete by construction: a field without an entry stops the
/// start of the server.
public final class SchemaBinding: Sendable {
  public let schema: Schema
  let resolvers: [FieldResolver?]

  /// - Parameter resolvers: by `Type.field`. The parts of connections (`edges`, `node`, `pageInfo` …) and the
  ///   introspection fields need none.
  /// - Throws: the fields that have no resolver, and the entries that name no field.
  public init(schema: Schema, resolvers: [String: FieldResolver]) throws(SchemaErrors) {
    self.schema = schema
    var table = [FieldResolver?](repeating: nil, count: schema.fields.count)
    var left = Set(resolvers.keys)
    var errors: [GraphQLError] = []
    let introspection = IntrospectionBinding.resolvers
    let subscription = schema.subscriptionType?.index
    for (index, type) in schema.types.enumerated() where type.kind == .object {
      for field in type.fields {
        let coordinate = "\(schema.names.string(type.name)).\(schema.names.string(schema.fields[field].name))"
        if let resolver = resolvers[coordinate] ?? introspection[coordinate] {
          table[field] = resolver
          left.remove(coordinate)
          if resolver.isStream != (index == subscription) {
            errors.append(
              GraphQLError(
                resolver.isStream
                  ? "The field \(coordinate) is bound to a stream, which only a root field of subscriptions can be."
                  : "The field \(coordinate) is a root field of subscriptions and must be bound to a stream."))
          }
        } else if !schema.isConnectionPart(TypeID(UInt32(index))) {
          errors.append(GraphQLError("The field \(coordinate) has no resolver."))
        }
      }
    }
    errors += left.sorted().map { GraphQLError("There is a resolver for \($0), but no such field.") }
    guard errors.isEmpty else { throw SchemaErrors(errors: errors) }
    self.resolvers = table
  }
}

/// How one field gets its value.
public enum FieldResolver: Sendable {
  /// Written from the row that the object is written from.
  case property(PropertyID)
  /// A leaf that has a row of its own: what the source's property 0 is for the parent's row.
  case value(StepSource)
  /// Rows of its own: an object, a list or a connection, as the source's shape says.
  case step(StepSource)
  /// An object of one of several types, each with a source; the first that has a row counts.
  case steps([(type: String, source: StepSource)])
  /// A root field of subscriptions: a stream of events, each of which gives the rows of one response.
  case stream(StreamSource)

  var isStream: Bool {
    if case .stream = self { true } else { false }
  }
}

extension Schema {
  /// Whether a type is a connection, an edge or the page information of one, by the names that Relay's
  /// specification gives them.
  func isConnectionPart(_ type: TypeID) -> Bool {
    let name = name(type)
    return name == "PageInfo" || name.hasSuffix("Connection") || name.hasSuffix("Edge")
  }
}
