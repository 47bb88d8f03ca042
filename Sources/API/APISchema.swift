import GraphQL
import Millrace

/// The schema with its resolvers; one for all loops.
public struct APISchema: Sendable {
  package let binding: SchemaBinding

  /// - Throws: what is wrong with `schema.graphql`, or which fields have no resolver.
  public init() throws {
    binding = try SchemaResolvers.bind()
  }

  /// - Throws: when extensions have rules for a mutation that the schema does not have.
  public func check(_ extensions: ExtensionTable) throws(ExtensionTable.Failure) {
    let known = Set(binding.schema.fields(of: "Mutation").map(\.name))
    guard let unknown = extensions.namedMutations.map(\.name).filter({ !known.contains($0) }).min() else { return }
    throw ExtensionTable.Failure(
      description: "There is no mutation \(unknown). The schema has: \(known.sorted().joined(separator: ", ")).")
  }

  /// The text of `schema.graphql`.
  public static var source: String { SchemaResolvers.source }
}
