import GraphQL

/// The schema with its resolvers; one for all loops.
public struct APISchema: Sendable {
  let binding: SchemaBinding

  /// - Throws: what is wrong with `schema.graphql`, or which fields have no resolver.
  public init() throws {
    binding = try SchemaResolvers.bind()
  }

  /// The text of `schema.graphql`.
  public static var source: String { SchemaResolvers.source }
}
