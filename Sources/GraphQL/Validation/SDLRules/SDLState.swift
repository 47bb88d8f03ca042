/// What the rules of schema documents remember.
struct SDLState {
  /// What shares one set of directives: a type or directive with its extensions, or the schema.
  enum DirectiveOwner: Hashable {
    case schema
    case type(NameID)
    case directive(NameID)
  }

  /// A member of a type.
  struct Member: Hashable {
    var type: NameID
    var name: NameID
  }

  /// First definition per type name.
  var definedTypes: [NameID: NodeID] = [:]
  var seenDirectives: [DirectiveOwner: [NameID: NodeID]] = [:]
  var schemaDefinitions = 0
  var operationTypes: [OperationType: NodeID] = [:]
  var typeNames: [NameID: NodeID] = [:]
  var directiveNames: [NameID: NodeID] = [:]
  var fields: [Member: NodeID] = [:]
  var enumValues: [Member: NodeID] = [:]
}
