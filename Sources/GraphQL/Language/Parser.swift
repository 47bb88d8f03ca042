/// Reads a document.
///
/// Spec: appendix B, September 2025 edition: executable and type-system definitions, extensions, descriptions
/// in front of every definition. Recursion is bounded by `Limits.nesting`.
public struct Parser {
  private var lexer: Lexer
  private let limits: Limits
  private var token: Token
  private var lastEnd: UInt32 = 0
  private var tokenCount = 0
  private var depth = 0
  var document: Document

  private init(_ bytes: ContiguousArray<UInt8>, _ limits: Limits) {
    self.lexer = Lexer(bytes)
    self.limits = limits
    self.token = Token(kind: .startOfFile, range: .empty)
    self.document = Document(bytes: bytes)
  }

  /// - Throws: `GRAPHQL_PARSE_FAILED` with the place of the first error, or the code of the limit that is passed.
  public static func parse(
    _ bytes: ContiguousArray<UInt8>, limits: Limits = Limits()
  ) throws(GraphQLError) -> Document {
    guard bytes.count <= limits.documentBytes else {
      throw GraphQLError(
        "The document has \(bytes.count) bytes; at most \(limits.documentBytes) are allowed.",
        code: "DOCUMENT_TOO_LARGE")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw GraphQLError("Syntax Error: The document is not valid UTF-8.", code: "GRAPHQL_PARSE_FAILED")
    }
    var parser = Parser(bytes, limits)
    try parser.parseDocument()
    return parser.document
  }

  public static func parse(_ source: String, limits: Limits = Limits()) throws(GraphQLError) -> Document {
    try parse(ContiguousArray(source.utf8), limits: limits)
  }

  // MARK: Tokens

  private mutating func advance() throws(GraphQLError) {
    lastEnd = token.range.end
    token = try lexer.next()
    if token.kind != .endOfFile {
      tokenCount += 1
      guard tokenCount <= limits.tokens else {
        throw GraphQLError(
          "Syntax Error: Document contains more than \(limits.tokens) tokens. Parsing aborted.",
          locations: [document.location(token.range.start)], code: "TOO_MANY_TOKENS")
      }
    }
  }

  private func describe(_ token: Token) -> String {
    switch token.kind {
    case .name, .int, .float: "\(token.kind.text) \"\(document.text(token.range))\""
    case .string, .blockString:
      "\(token.kind.text) \"\(StringLiteral.value(document.bytes, token.range, isBlock: token.kind == .blockString))\""
    case .startOfFile, .endOfFile: token.kind.text
    default: "\"\(token.kind.text)\""
    }
  }

  private func unexpected() -> GraphQLError {
    .syntax("Unexpected \(describe(token)).", at: Int(token.range.start), in: document.bytes)
  }

  private mutating func skip(_ kind: Token.Kind) throws(GraphQLError) -> Bool {
    guard token.kind == kind else { return false }
    try advance()
    return true
  }

  @discardableResult
  private mutating func expect(_ kind: Token.Kind) throws(GraphQLError) -> ByteRange {
    guard token.kind == kind else {
      let expected = kind.isPunctuator ? "\"\(kind.text)\"" : kind.text
      throw .syntax("Expected \(expected), found \(describe(token)).", at: Int(token.range.start), in: document.bytes)
    }
    let range = token.range
    try advance()
    return range
  }

  private func isKeyword(_ word: StaticString) -> Bool {
    token.kind == .name && matches(token.range, word)
  }

  private func matches(_ range: ByteRange, _ word: StaticString) -> Bool {
    document.bytes[range.indices].elementsEqual(
      UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
  }

  private mutating func skipKeyword(_ word: StaticString) throws(GraphQLError) -> Bool {
    guard isKeyword(word) else { return false }
    try advance()
    return true
  }

  private mutating func expectKeyword(_ word: StaticString) throws(GraphQLError) {
    guard try skipKeyword(word) else {
      throw .syntax("Expected \"\(word)\", found \(describe(token)).", at: Int(token.range.start), in: document.bytes)
    }
  }

  private mutating func descend() throws(GraphQLError) {
    depth += 1
    guard depth <= limits.nesting else {
      throw GraphQLError(
        "Syntax Error: Document is nested more than \(limits.nesting) levels deep.",
        locations: [document.location(token.range.start)], code: "NESTING_TOO_DEEP")
    }
  }

  /// Reads items between two tokens and appends them together, so that a parent's children are contiguous.
  private mutating func many<Node>(
    _ open: Token.Kind, _ close: Token.Kind, into array: WritableKeyPath<Document, ContiguousArray<Node>>,
    _ item: (inout Parser) throws(GraphQLError) -> Node
  ) throws(GraphQLError) -> NodeRange {
    try expect(open)
    var items: [Node] = []
    repeat { items.append(try item(&self)) } while try !skip(close)
    return append(items, to: array)
  }

  private mutating func optionalMany<Node>(
    _ open: Token.Kind, _ close: Token.Kind, into array: WritableKeyPath<Document, ContiguousArray<Node>>,
    _ item: (inout Parser) throws(GraphQLError) -> Node
  ) throws(GraphQLError) -> NodeRange {
    token.kind == open ? try many(open, close, into: array, item) : .empty
  }

  private mutating func append<Node>(
    _ items: [Node], to array: WritableKeyPath<Document, ContiguousArray<Node>>
  ) -> NodeRange {
    let start = document[keyPath: array].count
    document[keyPath: array].append(contentsOf: items)
    return NodeRange(start, start + items.count)
  }

  // MARK: Document

  private mutating func parseDocument() throws(GraphQLError) {
    try advance()
    repeat { try definition() } while token.kind != .endOfFile
  }

  private mutating func definition() throws(GraphQLError) {
    let start = token.range.start
    if token.kind == .braceLeft { return try operation(description: -1, start: start) }
    let description = try optionalDescription()
    guard token.kind == .name else { throw unexpected() }
    if description >= 0, token.kind == .braceLeft { throw unexpected() }
    if isKeyword("query") || isKeyword("mutation") || isKeyword("subscription") {
      return try operation(description: description, start: start)
    }
    if isKeyword("fragment") { return try fragment(description: description, start: start) }
    if isKeyword("extend"), description < 0 {
      try advance()
      return try typeSystemDefinition(description: -1, start: start, isExtension: true)
    }
    try typeSystemDefinition(description: description, start: start, isExtension: false)
  }

  private mutating func optionalDescription() throws(GraphQLError) -> Int32 {
    guard token.kind == .string || token.kind == .blockString else { return -1 }
    let kind: ValueNode.Kind = token.kind == .string ? .string : .blockString
    document.values.append(ValueNode(kind: kind, text: token.range, children: .empty, start: token.range.start))
    try advance()
    return Int32(document.values.count - 1)
  }

  private mutating func operation(description: Int32, start: UInt32) throws(GraphQLError) {
    if token.kind == .braceLeft {
      let selections = try selectionSet()
      document.operations.append(
        OperationDefinition(
          kind: .query, name: .empty, description: description, variables: .empty, directives: .empty,
          selections: selections, start: start, isShorthand: true))
      return
    }
    let kind = try operationKind()
    var name = ByteRange.empty
    if token.kind == .name { name = try expect(.name) }
    let variables = try optionalMany(.parenLeft, .parenRight, into: \.variables) {
      (parser: inout Parser) throws(GraphQLError) in try parser.variableDefinition()
    }
    let directives = try self.directives(constant: false)
    let selections = try selectionSet()
    document.operations.append(
      OperationDefinition(
        kind: kind, name: name, description: description, variables: variables, directives: directives,
        selections: selections, start: start, isShorthand: false))
  }

  private mutating func operationKind() throws(GraphQLError) -> OperationKind {
    let kind: OperationKind
    if isKeyword("query") {
      kind = .query
    } else if isKeyword("mutation") {
      kind = .mutation
    } else if isKeyword("subscription") {
      kind = .subscription
    } else {
      throw unexpected()
    }
    try advance()
    return kind
  }

  private mutating func variableDefinition() throws(GraphQLError) -> VariableNode {
    _ = try optionalDescription()
    let start = token.range.start
    try expect(.dollar)
    let name = try expect(.name)
    try expect(.colon)
    let type = try typeReference()
    let defaultValue = try skip(.equals) ? try value(constant: true) : -1
    let directives = try self.directives(constant: true)
    return VariableNode(name: name, type: type, defaultValue: defaultValue, directives: directives, start: start)
  }

  private mutating func selectionSet() throws(GraphQLError) -> NodeRange {
    try descend()
    defer { depth -= 1 }
    return try many(.braceLeft, .braceRight, into: \.selections) {
      (parser: inout Parser) throws(GraphQLError) in try parser.selection()
    }
  }

  private mutating func selection() throws(GraphQLError) -> SelectionNode {
    let start = token.range.start
    if try skip(.spread) {
      if token.kind == .name, !isKeyword("on") {
        let name = try expect(.name)
        return .spread(name: name, directives: try directives(constant: false), start: start)
      }
      var condition = ByteRange.empty
      if try skipKeyword("on") { condition = try expect(.name) }
      let directives = try self.directives(constant: false)
      return .inline(
        typeCondition: condition, directives: directives, selections: try selectionSet(), start: start)
    }
    var alias = ByteRange.empty
    var name = try expect(.name)
    if try skip(.colon) {
      alias = name
      name = try expect(.name)
    }
    let arguments = try self.arguments(constant: false)
    let directives = try self.directives(constant: false)
    let hasSelectionSet = token.kind == .braceLeft
    let selections = hasSelectionSet ? try selectionSet() : .empty
    document.fields.append(
      FieldNode(
        alias: alias, name: name, arguments: arguments, directives: directives, selections: selections,
        hasSelectionSet: hasSelectionSet, start: start))
    return .field(Int32(document.fields.count - 1))
  }

  private mutating func arguments(constant: Bool) throws(GraphQLError) -> NodeRange {
    try optionalMany(.parenLeft, .parenRight, into: \.arguments) {
      (parser: inout Parser) throws(GraphQLError) in
      let start = parser.token.range.start
      let name = try parser.expect(.name)
      try parser.expect(.colon)
      return ArgumentNode(name: name, value: try parser.value(constant: constant), start: start)
    }
  }

  private mutating func directives(constant: Bool) throws(GraphQLError) -> NodeRange {
    var items: [DirectiveNode] = []
    while token.kind == .at {
      let start = token.range.start
      try advance()
      let name = try expect(.name)
      items.append(DirectiveNode(name: name, arguments: try arguments(constant: constant), start: start))
    }
    return items.isEmpty ? .empty : append(items, to: \.directives)
  }

  private mutating func fragment(description: Int32, start: UInt32) throws(GraphQLError) {
    try expectKeyword("fragment")
    if isKeyword("on") { throw unexpected() }
    let name = try expect(.name)
    try expectKeyword("on")
    let condition = try expect(.name)
    let directives = try self.directives(constant: false)
    let selections = try selectionSet()
    document.fragments.append(
      FragmentDefinition(
        name: name, description: description, typeCondition: condition, directives: directives,
        selections: selections, start: start))
  }

  // MARK: Values and types

  /// Answers the value's number in `values`.
  private mutating func value(constant: Bool) throws(GraphQLError) -> Int32 {
    try descend()
    defer { depth -= 1 }
    let node = try valueNode(constant: constant)
    document.values.append(node)
    return Int32(document.values.count - 1)
  }

  private mutating func valueNode(constant: Bool) throws(GraphQLError) -> ValueNode {
    let start = token.range.start
    func leaf(_ kind: ValueNode.Kind) -> ValueNode {
      ValueNode(kind: kind, text: token.range, children: .empty, start: start)
    }
    let node: ValueNode
    switch token.kind {
    case .bracketLeft:
      try advance()
      var items: [ValueNode] = []
      while try !skip(.bracketRight) {
        try descend()
        items.append(try valueNode(constant: constant))
        depth -= 1
      }
      return ValueNode(
        kind: .list, text: ByteRange(Int(start), Int(lastEnd)), children: append(items, to: \.values), start: start)
    case .braceLeft:
      try advance()
      var items: [ObjectFieldNode] = []
      while try !skip(.braceRight) {
        let fieldStart = token.range.start
        let name = try expect(.name)
        try expect(.colon)
        items.append(ObjectFieldNode(name: name, value: try value(constant: constant), start: fieldStart))
      }
      return ValueNode(
        kind: .object, text: ByteRange(Int(start), Int(lastEnd)), children: append(items, to: \.objectFields),
        start: start)
    case .dollar:
      try advance()
      guard !constant else {
        if token.kind == .name {
          throw .syntax(
            "Unexpected variable \"$\(document.text(token.range))\" in constant value.", at: Int(start),
            in: document.bytes)
        }
        throw .syntax("Unexpected \"$\".", at: Int(start), in: document.bytes)
      }
      let name = try expect(.name)
      return ValueNode(kind: .variable, text: name, children: .empty, start: start)
    case .int: node = leaf(.int)
    case .float: node = leaf(.float)
    case .string: node = leaf(.string)
    case .blockString: node = leaf(.blockString)
    case .name where matches(token.range, "true") || matches(token.range, "false"): node = leaf(.boolean)
    case .name where matches(token.range, "null"): node = leaf(.null)
    case .name: node = leaf(.enumeration)
    default: throw unexpected()
    }
    try advance()
    return node
  }

  private mutating func typeReference() throws(GraphQLError) -> Int32 {
    try descend()
    defer { depth -= 1 }
    let start = token.range.start
    if try skip(.bracketLeft) {
      let inner = try typeReference()
      try expect(.bracketRight)
      document.types.append(TypeNode(kind: .list, name: .empty, inner: inner, start: start))
    } else {
      let name = try expect(.name)
      document.types.append(TypeNode(kind: .named, name: name, inner: -1, start: start))
    }
    if try skip(.bang) {
      let inner = Int32(document.types.count - 1)
      document.types.append(TypeNode(kind: .nonNull, name: .empty, inner: inner, start: start))
    }
    return Int32(document.types.count - 1)
  }

  // MARK: Type system

  private mutating func typeSystemDefinition(
    description: Int32, start: UInt32, isExtension: Bool
  ) throws(GraphQLError) {
    guard token.kind == .name else { throw unexpected() }
    var definition = TypeSystemDefinition(
      kind: .schema, isExtension: isExtension, description: description, name: .empty, directives: .empty,
      names: .empty, fields: .empty, inputs: .empty, enumValues: .empty, rootTypes: .empty, isRepeatable: false,
      start: start)
    if try skipKeyword("schema") {
      try schemaBody(&definition)
    } else if try skipKeyword("scalar") {
      definition.kind = .scalar
      try head(&definition)
    } else if try skipKeyword("type") {
      definition.kind = .object
      try fieldsBody(&definition)
    } else if try skipKeyword("interface") {
      definition.kind = .interface
      try fieldsBody(&definition)
    } else if try skipKeyword("union") {
      definition.kind = .union
      try head(&definition)
      if try skip(.equals) { definition.names = try nameList(separator: .pipe) }
    } else if try skipKeyword("enum") {
      definition.kind = .enumeration
      try head(&definition)
      definition.enumValues = try optionalMany(.braceLeft, .braceRight, into: \.enumValues) {
        (parser: inout Parser) throws(GraphQLError) in try parser.enumValue()
      }
    } else if try skipKeyword("input") {
      definition.kind = .inputObject
      try head(&definition)
      definition.inputs = try optionalMany(.braceLeft, .braceRight, into: \.inputValues) {
        (parser: inout Parser) throws(GraphQLError) in try parser.inputValue()
      }
    } else if !isExtension, try skipKeyword("directive") {
      definition.kind = .directive
      try directiveBody(&definition)
    } else {
      throw unexpected()
    }
    if isExtension { try requireContent(definition) }
    document.typeSystem.append(definition)
  }

  private mutating func head(_ definition: inout TypeSystemDefinition) throws(GraphQLError) {
    definition.name = try expect(.name)
    definition.directives = try directives(constant: true)
  }

  private mutating func schemaBody(_ definition: inout TypeSystemDefinition) throws(GraphQLError) {
    definition.directives = try directives(constant: true)
    let item: (inout Parser) throws(GraphQLError) -> RootOperationTypeNode = {
      (parser: inout Parser) throws(GraphQLError) in
      let start = parser.token.range.start
      let kind = try parser.operationKind()
      try parser.expect(.colon)
      return RootOperationTypeNode(operation: kind, type: try parser.expect(.name), start: start)
    }
    definition.rootTypes =
      definition.isExtension
      ? try optionalMany(.braceLeft, .braceRight, into: \.rootOperationTypes, item)
      : try many(.braceLeft, .braceRight, into: \.rootOperationTypes, item)
  }

  private mutating func fieldsBody(_ definition: inout TypeSystemDefinition) throws(GraphQLError) {
    definition.name = try expect(.name)
    if try skipKeyword("implements") { definition.names = try nameList(separator: .ampersand) }
    definition.directives = try directives(constant: true)
    definition.fields = try optionalMany(.braceLeft, .braceRight, into: \.fieldDefinitions) {
      (parser: inout Parser) throws(GraphQLError) in try parser.fieldDefinition()
    }
  }

  private mutating func directiveBody(_ definition: inout TypeSystemDefinition) throws(GraphQLError) {
    try expect(.at)
    definition.name = try expect(.name)
    definition.inputs = try optionalMany(.parenLeft, .parenRight, into: \.inputValues) {
      (parser: inout Parser) throws(GraphQLError) in try parser.inputValue()
    }
    definition.isRepeatable = try skipKeyword("repeatable")
    try expectKeyword("on")
    definition.names = try nameList(separator: .pipe)
    for name in definition.names.indices
    where DirectiveLocation(rawValue: document.text(document.names[name])) == nil {
      throw .syntax(
        "Unexpected Name \"\(document.text(document.names[name]))\".",
        at: Int(document.names[name].start), in: document.bytes)
    }
  }

  private mutating func nameList(separator: Token.Kind) throws(GraphQLError) -> NodeRange {
    _ = try skip(separator)
    var items = [try expect(.name)]
    while try skip(separator) { items.append(try expect(.name)) }
    return append(items, to: \.names)
  }

  private mutating func fieldDefinition() throws(GraphQLError) -> FieldDefinitionNode {
    let start = token.range.start
    let description = try optionalDescription()
    let name = try expect(.name)
    let arguments = try optionalMany(.parenLeft, .parenRight, into: \.inputValues) {
      (parser: inout Parser) throws(GraphQLError) in try parser.inputValue()
    }
    try expect(.colon)
    let type = try typeReference()
    return FieldDefinitionNode(
      description: description, name: name, arguments: arguments, type: type,
      directives: try directives(constant: true), start: start)
  }

  private mutating func inputValue() throws(GraphQLError) -> InputValueNode {
    let start = token.range.start
    let description = try optionalDescription()
    let name = try expect(.name)
    try expect(.colon)
    let type = try typeReference()
    let defaultValue = try skip(.equals) ? try value(constant: true) : -1
    return InputValueNode(
      description: description, name: name, type: type, defaultValue: defaultValue,
      directives: try directives(constant: true), start: start)
  }

  private mutating func enumValue() throws(GraphQLError) -> EnumValueNode {
    let start = token.range.start
    let description = try optionalDescription()
    if isKeyword("true") || isKeyword("false") || isKeyword("null") {
      throw .syntax(
        "Name \"\(document.text(token.range))\" is reserved and cannot be used for an enum value.",
        at: Int(token.range.start), in: document.bytes)
    }
    let name = try expect(.name)
    return EnumValueNode(
      description: description, name: name, directives: try directives(constant: true), start: start)
  }

  /// An extension that extends nothing is a syntax error.
  private func requireContent(_ definition: TypeSystemDefinition) throws(GraphQLError) {
    let parts = [
      definition.directives, definition.names, definition.fields, definition.inputs, definition.enumValues,
      definition.rootTypes,
    ]
    if parts.allSatisfy(\.isEmpty) { throw unexpected() }
  }
}

/// Spec: `DirectiveLocation`.
enum DirectiveLocation: String, Sendable {
  case query = "QUERY"
  case mutation = "MUTATION"
  case subscription = "SUBSCRIPTION"
  case field = "FIELD"
  case fragmentDefinition = "FRAGMENT_DEFINITION"
  case fragmentSpread = "FRAGMENT_SPREAD"
  case inlineFragment = "INLINE_FRAGMENT"
  case variableDefinition = "VARIABLE_DEFINITION"
  case schema = "SCHEMA"
  case scalar = "SCALAR"
  case object = "OBJECT"
  case fieldDefinition = "FIELD_DEFINITION"
  case argumentDefinition = "ARGUMENT_DEFINITION"
  case interface = "INTERFACE"
  case union = "UNION"
  case enumeration = "ENUM"
  case enumValue = "ENUM_VALUE"
  case inputObject = "INPUT_OBJECT"
  case inputFieldDefinition = "INPUT_FIELD_DEFINITION"
}
