/// Checks how many aliases and directives a document has, as written, in one pass over its nodes.
///
/// To be called before validation, to which they are work.
///
/// - Throws: `MAX_ALIASES_LIMIT` or `MAX_DIRECTIVES_LIMIT`.
public func checkCounts(of document: Document, limits: Limits = Limits()) throws(GraphQLError) {
  var aliases = 0
  var directives = 0
  for node in document.nodes {
    if node.kind == .field, !node.alias.isNone {
      aliases += 1
      if aliases > limits.maxAliases {
        throw GraphQLError(
          "The document has more than \(limits.maxAliases) aliases.",
          locations: [document.location(offset: node.start)], code: GraphQLError.Code.maxAliases)
      }
    }
    guard !node.directives.isNone else { continue }
    let here = document.count(node.directives)
    directives += here
    if here > limits.maxDirectivesPerLocation {
      throw GraphQLError(
        "There are more than \(limits.maxDirectivesPerLocation) directives at one place.",
        locations: [document.location(node.directives)], code: GraphQLError.Code.maxDirectives)
    }
    if directives > limits.maxDirectives {
      throw GraphQLError(
        "The document has more than \(limits.maxDirectives) directives.",
        locations: [document.location(node.directives)], code: GraphQLError.Code.maxDirectives)
    }
  }
}
