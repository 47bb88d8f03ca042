/// Type-system definitions and extensions (spec section 3).
extension Parser {
  /// The kind of definition a keyword opens, or nil if it opens none.
  func definitionKind(_ keyword: Token) -> NodeKind? {
    if isKeyword(keyword, "type") { return .objectTypeDefinition }
    if isKeyword(keyword, "input") { return .inputObjectTypeDefinition }
    if isKeyword(keyword, "enum") { return .enumTypeDefinition }
    if isKeyword(keyword, "interface") { return .interfaceTypeDefinition }
    if isKeyword(keyword, "union") { return .unionTypeDefinition }
    if isKeyword(keyword, "scalar") { return .scalarTypeDefinition }
    if isKeyword(keyword, "schema") { return .schemaDefinition }
    if isKeyword(keyword, "directive") { return .directiveDefinition }
    return nil
  }

  mutating func parseTypeSystemDefinition(_ kind: NodeKind) throws(GraphQLError) -> NodeID {
    let id = open(kind)
    try parseDescription(id)
    try advance()
    switch kind {
    case .schemaDefinition:
      try parseDirectives(id, isConst: true)
      let types = try parseMany(.braceLeft, .braceRight) { p throws(GraphQLError) in
        try p.parseOperationTypeDefinition()
      }
      nodes[id.index].second = types
    case .directiveDefinition: try parseDirectiveDefinition(id)
    default: try parseTypeBody(id, kind)
    }
    return close(id)
  }

  /// Everything after the keyword of a type definition or extension.
  private mutating func parseTypeBody(_ id: NodeID, _ kind: NodeKind) throws(GraphQLError) {
    try parseName(id)
    switch kind {
    case .objectTypeDefinition, .interfaceTypeDefinition:
      if isKeyword(token, "implements") {
        try advance()
        let interfaces = try parseDelimited(.ampersand) { p throws(GraphQLError) in try p.parseNamedType() }
        nodes[id.index].first = interfaces
      }
      try parseDirectives(id, isConst: true)
      let fields = try parseOptionalMany(.braceLeft, .braceRight) { p throws(GraphQLError) in
        try p.parseFieldDefinition()
      }
      nodes[id.index].second = fields
    case .unionTypeDefinition:
      try parseDirectives(id, isConst: true)
      if try skip(.equals) {
        let members = try parseDelimited(.pipe) { p throws(GraphQLError) in try p.parseNamedType() }
        nodes[id.index].second = members
      }
    case .enumTypeDefinition:
      try parseDirectives(id, isConst: true)
      let values = try parseOptionalMany(.braceLeft, .braceRight) { p throws(GraphQLError) in
        try p.parseEnumValueDefinition()
      }
      nodes[id.index].second = values
    case .inputObjectTypeDefinition:
      try parseDirectives(id, isConst: true)
      let fields = try parseOptionalMany(.braceLeft, .braceRight) { p throws(GraphQLError) in
        try p.parseInputValueDefinition()
      }
      nodes[id.index].second = fields
    default: try parseDirectives(id, isConst: true)
    }
  }

  private mutating func parseOperationTypeDefinition() throws(GraphQLError) -> NodeID {
    let id = open(.operationTypeDefinition)
    let operation = try parseOperationType()
    nodes[id.index].flags = operation.rawValue
    try expect(.colon)
    let type = try parseNamedType()
    nodes[id.index].third = type
    return close(id)
  }

  private mutating func parseFieldDefinition() throws(GraphQLError) -> NodeID {
    let id = open(.fieldDefinition)
    try parseDescription(id)
    try parseName(id)
    let arguments = try parseArgumentDefinitions()
    nodes[id.index].first = arguments
    try expect(.colon)
    let type = try parseTypeReference()
    nodes[id.index].third = type
    try parseDirectives(id, isConst: true)
    return close(id)
  }

  private mutating func parseArgumentDefinitions() throws(GraphQLError) -> NodeID {
    try parseOptionalMany(.parenLeft, .parenRight) { p throws(GraphQLError) in try p.parseInputValueDefinition() }
  }

  private mutating func parseInputValueDefinition() throws(GraphQLError) -> NodeID {
    let id = open(.inputValueDefinition)
    try parseDescription(id)
    try parseName(id)
    try expect(.colon)
    let type = try parseTypeReference()
    nodes[id.index].third = type
    if try skip(.equals) {
      let value = try parseValueLiteral(isConst: true)
      nodes[id.index].first = value
    }
    try parseDirectives(id, isConst: true)
    return close(id)
  }

  private mutating func parseEnumValueDefinition() throws(GraphQLError) -> NodeID {
    let id = open(.enumValueDefinition)
    try parseDescription(id)
    if isKeyword(token, "true") || isKeyword(token, "false") || isKeyword(token, "null") {
      throw lexer.syntaxError(
        Int(token.start), "\(describe(token)) is reserved and cannot be used for an enum value.")
    }
    try parseName(id)
    try parseDirectives(id, isConst: true)
    return close(id)
  }

  private mutating func parseDirectiveDefinition(_ id: NodeID) throws(GraphQLError) {
    try expect(.at)
    try parseName(id)
    let arguments = try parseArgumentDefinitions()
    nodes[id.index].first = arguments
    try parseDirectives(id, isConst: true)
    if isKeyword(token, "repeatable") {
      nodes[id.index].flags = 1
      try advance()
    }
    try expectKeyword("on")
    let locations = try parseDelimited(.pipe) { p throws(GraphQLError) in
      let location = p.open(.directiveLocation)
      let found = p.token
      try p.parseName(location)
      guard DirectiveLocation(name: p.text(found)) != nil else { throw p.unexpected(found) }
      return p.close(location)
    }
    nodes[id.index].second = locations
  }

  private mutating func parseDelimited(
    _ delimiter: Token.Kind, _ parse: (inout Parser) throws(GraphQLError) -> NodeID
  ) throws(GraphQLError) -> NodeID {
    _ = try skip(delimiter)
    var chain = Chain()
    repeat { append(try parse(&self), to: &chain) } while try skip(delimiter)
    return chain.first
  }

  mutating func parseTypeSystemExtension() throws(GraphQLError) -> NodeID {
    let keyword = try lookahead()
    guard keyword.kind == .name, let kind = definitionKind(keyword) else { throw unexpected(keyword) }
    let id = open(kind)
    try advance()
    try advance()
    switch kind {
    case .schemaDefinition:
      try parseDirectives(id, isConst: true)
      let types = try parseOptionalMany(.braceLeft, .braceRight) { p throws(GraphQLError) in
        try p.parseOperationTypeDefinition()
      }
      nodes[id.index].second = types
    case .directiveDefinition:
      try expect(.at)
      try parseName(id)
      try parseDirectives(id, isConst: true)
    default: try parseTypeBody(id, kind)
    }
    let node = nodes[id.index]
    if node.directives.isNone && node.second.isNone
      && (node.first.isNone || kind == .directiveDefinition)
    {
      throw unexpected(token)
    }
    nodes[id.index].kind =
      switch kind {
      case .schemaDefinition: .schemaExtension
      case .scalarTypeDefinition: .scalarTypeExtension
      case .objectTypeDefinition: .objectTypeExtension
      case .interfaceTypeDefinition: .interfaceTypeExtension
      case .unionTypeDefinition: .unionTypeExtension
      case .enumTypeDefinition: .enumTypeExtension
      case .inputObjectTypeDefinition: .inputObjectTypeExtension
      default: .directiveExtension
      }
    return close(id)
  }
}
