/// Parses a document of the September 2025 grammar into an arena of nodes. Method names follow the grammar's
/// productions.
public struct Parser {
  /// What the grammar accepts beyond the edition.
  public struct Options: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// Accepts `{ }` as a selection set, a proposal for a later edition.
    public static let emptySelectionSets = Options(rawValue: 1)
    /// Accepts a document without definitions.
    public static let emptyDocuments = Options(rawValue: 2)
    /// Accepts variables of fragments and arguments of spreads, a proposal for a later edition.
    public static let fragmentArguments = Options(rawValue: 4)
  }

  private(set) var lexer: Lexer
  private let options: Options
  var nodes = ContiguousArray<Node>()
  var names: NameTable
  var token = Token(kind: .startOfFile, start: 0, end: 0)
  /// The token after `token` where one was needed to decide.
  private var ahead: Token?
  /// End of the last token that was consumed.
  private var lastEnd: UInt32 = 0
  private var tokens = 0
  private var nesting = 0

  private init(bytes: UnsafeBufferPointer<UInt8>, limits: Limits, options: Options) {
    lexer = Lexer(bytes: bytes, limits: limits)
    self.options = options
    names = NameTable()
    nodes.reserveCapacity(min(bytes.count / 6 + 16, 4096))
  }

  /// Parses a source text.
  /// - Throws: `GraphQLError` with code `GRAPHQL_PARSE_FAILED` for the first thing that is not grammatical or beyond a
  ///   limit.
  public static func parse(
    _ source: ContiguousArray<UInt8>, limits: Limits = Limits(), options: Options = []
  ) throws(GraphQLError) -> Document {
    if source.count > limits.maxDocumentBytes {
      throw GraphQLError(
        "Syntax Error: Source contains more than \(limits.maxDocumentBytes) bytes. Parsing aborted.",
        locations: [SourceLocation(line: 1, column: 1)], code: GraphQLError.Code.documentTooLarge)
    }
    // The closure of `withUnsafeBufferPointer` rethrows untyped, so the outcome leaves it as a value.
    let outcome: Result<(ContiguousArray<Node>, NameTable), GraphQLError> = source.withUnsafeBufferPointer { bytes in
      var parser = Parser(bytes: bytes, limits: limits, options: options)
      do throws(GraphQLError) {
        try parser.parseDocument()
        return .success((parser.nodes, parser.names))
      } catch {
        return .failure(error)
      }
    }
    let (nodes, names) = try outcome.get()
    return Document(source: source, nodes: nodes, names: names)
  }

  /// Parses a source text.
  public static func parse(
    _ source: String, limits: Limits = Limits(), options: Options = []
  ) throws(GraphQLError) -> Document {
    try parse(ContiguousArray(source.utf8), limits: limits, options: options)
  }

  // MARK: Document

  private mutating func parseDocument() throws(GraphQLError) {
    let document = open(.document)
    try advance()
    var chain = Chain()
    if token.kind != .endOfFile || !options.contains(.emptyDocuments) {
      repeat { append(try parseDefinition(), to: &chain) } while token.kind != .endOfFile
    }
    nodes[document.index].second = chain.first
    nodes[document.index].end = token.end
  }

  private mutating func parseDefinition() throws(GraphQLError) -> NodeID {
    if token.kind == .braceLeft { return try parseOperationDefinition(hasDescription: false) }
    let hasDescription = token.kind == .string || token.kind == .blockString
    let keyword = hasDescription ? try lookahead() : token
    if hasDescription && keyword.kind == .braceLeft {
      throw lexer.syntaxError(
        Int(token.start), "Unexpected description, descriptions are not supported on shorthand queries.")
    }
    guard keyword.kind == .name else { throw unexpected(keyword) }
    if let kind = definitionKind(keyword) { return try parseTypeSystemDefinition(kind) }
    if isKeyword(keyword, "query") || isKeyword(keyword, "mutation") || isKeyword(keyword, "subscription") {
      return try parseOperationDefinition(hasDescription: hasDescription)
    }
    if isKeyword(keyword, "fragment") { return try parseFragmentDefinition() }
    if hasDescription {
      throw lexer.syntaxError(
        Int(token.start), "Unexpected description, only GraphQL definitions support descriptions.")
    }
    if isKeyword(keyword, "extend") { return try parseTypeSystemExtension() }
    throw unexpected(keyword)
  }

  private mutating func parseOperationDefinition(hasDescription: Bool) throws(GraphQLError) -> NodeID {
    let id = open(.operationDefinition)
    if token.kind == .braceLeft {
      nodes[id.index].flags = 4
      nodes[id.index].nameStart = token.start
      let selectionSet = try parseSelectionSet()
      nodes[id.index].second = selectionSet
      return close(id)
    }
    try parseDescription(id)
    let operation = try parseOperationType()
    nodes[id.index].flags = operation.rawValue
    if token.kind == .name { try parseName(id) }
    let variables = try parseVariableDefinitions()
    nodes[id.index].first = variables
    try parseDirectives(id, isConst: false)
    let selectionSet = try parseSelectionSet()
    nodes[id.index].second = selectionSet
    return close(id)
  }

  mutating func parseOperationType() throws(GraphQLError) -> OperationType {
    let operation = try expect(.name)
    if isKeyword(operation, "query") { return .query }
    if isKeyword(operation, "mutation") { return .mutation }
    if isKeyword(operation, "subscription") { return .subscription }
    throw unexpected(operation)
  }

  private mutating func parseVariableDefinitions() throws(GraphQLError) -> NodeID {
    try parseOptionalMany(.parenLeft, .parenRight) { p throws(GraphQLError) in try p.parseVariableDefinition() }
  }

  private mutating func parseVariableDefinition() throws(GraphQLError) -> NodeID {
    let id = open(.variableDefinition)
    try parseDescription(id)
    try expect(.dollar)
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

  private mutating func parseSelectionSet() throws(GraphQLError) -> NodeID {
    let id = open(.selectionSet)
    try enter()
    try expect(.braceLeft)
    var chain = Chain()
    if !options.contains(.emptySelectionSets) || token.kind != .braceRight {
      repeat { append(try parseSelection(), to: &chain) } while token.kind != .braceRight
    }
    try advance()
    nodes[id.index].second = chain.first
    nesting -= 1
    return close(id)
  }

  private mutating func parseSelection() throws(GraphQLError) -> NodeID {
    token.kind == .spread ? try parseFragment() : try parseField()
  }

  private mutating func parseField() throws(GraphQLError) -> NodeID {
    let id = open(.field)
    try parseName(id)
    if try skip(.colon) {
      nodes[id.index].alias = nodes[id.index].name
      try parseName(id)
    }
    let arguments = try parseArguments(isConst: false)
    nodes[id.index].first = arguments
    try parseDirectives(id, isConst: false)
    if token.kind == .braceLeft {
      let selectionSet = try parseSelectionSet()
      nodes[id.index].second = selectionSet
    }
    return close(id)
  }

  private mutating func parseArguments(isConst: Bool) throws(GraphQLError) -> NodeID {
    try parseOptionalMany(.parenLeft, .parenRight) { p throws(GraphQLError) in
      let id = p.open(.argument)
      try p.parseName(id)
      try p.expect(.colon)
      let value = try p.parseValueLiteral(isConst: isConst)
      p.nodes[id.index].third = value
      return p.close(id)
    }
  }

  // MARK: Fragments

  private mutating func parseFragment() throws(GraphQLError) -> NodeID {
    let id = open(.inlineFragment)
    try expect(.spread)
    if isKeyword(token, "on") {
      try advance()
      let condition = try parseNamedType()
      nodes[id.index].third = condition
    } else if token.kind == .name {
      nodes[id.index].kind = .fragmentSpread
      try parseName(id)
      if options.contains(.fragmentArguments) {
        let arguments = try parseArguments(isConst: false)
        nodes[id.index].first = arguments
      }
      try parseDirectives(id, isConst: false)
      return close(id)
    }
    try parseDirectives(id, isConst: false)
    let selectionSet = try parseSelectionSet()
    nodes[id.index].second = selectionSet
    return close(id)
  }

  private mutating func parseFragmentDefinition() throws(GraphQLError) -> NodeID {
    let id = open(.fragmentDefinition)
    try parseDescription(id)
    try expectKeyword("fragment")
    if isKeyword(token, "on") { throw unexpected(token) }
    try parseName(id)
    if options.contains(.fragmentArguments) {
      let variables = try parseVariableDefinitions()
      nodes[id.index].first = variables
    }
    try expectKeyword("on")
    let condition = try parseNamedType()
    nodes[id.index].third = condition
    try parseDirectives(id, isConst: false)
    let selectionSet = try parseSelectionSet()
    nodes[id.index].second = selectionSet
    return close(id)
  }

  // MARK: Values

  mutating func parseValueLiteral(isConst: Bool) throws(GraphQLError) -> NodeID {
    let id = open(.nullValue)
    switch token.kind {
    case .bracketLeft:
      nodes[id.index].kind = .listValue
      try enter()
      try advance()
      var chain = Chain()
      while token.kind != .bracketRight { append(try parseValueLiteral(isConst: isConst), to: &chain) }
      try advance()
      nodes[id.index].second = chain.first
      nesting -= 1
    case .braceLeft:
      nodes[id.index].kind = .objectValue
      try enter()
      try advance()
      var chain = Chain()
      while token.kind != .braceRight {
        let field = open(.objectField)
        try parseName(field)
        try expect(.colon)
        let value = try parseValueLiteral(isConst: isConst)
        nodes[field.index].third = value
        append(close(field), to: &chain)
      }
      try advance()
      nodes[id.index].second = chain.first
      nesting -= 1
    case .int:
      nodes[id.index].kind = .intValue
      try advance()
    case .float:
      nodes[id.index].kind = .floatValue
      try advance()
    case .string, .blockString:
      nodes[id.index].kind = .stringValue
      nodes[id.index].flags = (token.kind == .blockString ? 1 : 0) | (token.hasEscapes ? 2 : 0)
      try advance()
    case .name:
      if isKeyword(token, "true") {
        nodes[id.index].kind = .booleanValue
        nodes[id.index].flags = 1
        try advance()
      } else if isKeyword(token, "false") {
        nodes[id.index].kind = .booleanValue
        try advance()
      } else if isKeyword(token, "null") {
        try advance()
      } else {
        nodes[id.index].kind = .enumValue
        try parseName(id)
      }
    case .dollar:
      nodes[id.index].kind = .variable
      let dollar = token
      try advance()
      if isConst {
        guard token.kind == .name else { throw unexpected(dollar) }
        throw lexer.syntaxError(
          Int(dollar.start), "Unexpected variable \"$\(text(token))\" in constant value.")
      }
      try parseName(id)
    default: throw unexpected(token)
    }
    return close(id)
  }

  // MARK: Directives and types

  mutating func parseDirectives(_ owner: NodeID, isConst: Bool) throws(GraphQLError) {
    guard token.kind == .at else { return }
    var chain = Chain()
    repeat {
      let id = open(.directive)
      try advance()
      try parseName(id)
      let arguments = try parseArguments(isConst: isConst)
      nodes[id.index].first = arguments
      append(close(id), to: &chain)
    } while token.kind == .at
    nodes[owner.index].directives = chain.first
  }

  mutating func parseTypeReference() throws(GraphQLError) -> NodeID {
    let start = token.start
    var id: NodeID
    if token.kind == .bracketLeft {
      id = open(.listType)
      try advance()
      try enter()
      let inner = try parseTypeReference()
      nodes[id.index].third = inner
      nesting -= 1
      try expect(.bracketRight)
      id = close(id)
    } else {
      id = try parseNamedType()
    }
    guard token.kind == .bang else { return id }
    let nonNull = open(.nonNullType)
    nodes[nonNull.index].start = start
    nodes[nonNull.index].third = id
    try advance()
    return close(nonNull)
  }

  mutating func parseNamedType() throws(GraphQLError) -> NodeID {
    let id = open(.namedType)
    try parseName(id)
    return close(id)
  }

  // MARK: Arena

  /// A list under construction.
  struct Chain {
    var first = NodeID.none
    var last = NodeID.none
  }

  @inline(__always)
  mutating func open(_ kind: NodeKind) -> NodeID {
    nodes.append(Node(kind: kind, start: token.start))
    return NodeID(UInt32(nodes.count - 1))
  }

  @inline(__always)
  mutating func close(_ id: NodeID) -> NodeID {
    nodes[id.index].end = lastEnd
    return id
  }

  @inline(__always)
  mutating func append(_ id: NodeID, to chain: inout Chain) {
    if chain.first.isNone { chain.first = id } else { nodes[chain.last.index].next = id }
    chain.last = id
  }

  // MARK: Tokens

  mutating func parseName(_ owner: NodeID) throws(GraphQLError) {
    let name = try expect(.name)
    nodes[owner.index].nameStart = name.start
    nodes[owner.index].name = names.intern(
      UnsafeBufferPointer(rebasing: lexer.bytes[Int(name.start)..<Int(name.end)]))
  }

  mutating func parseDescription(_ owner: NodeID) throws(GraphQLError) {
    guard token.kind == .string || token.kind == .blockString else { return }
    let description = try parseValueLiteral(isConst: true)
    nodes[owner.index].description = description
  }

  mutating func parseOptionalMany(
    _ left: Token.Kind, _ right: Token.Kind, _ parse: (inout Parser) throws(GraphQLError) -> NodeID
  ) throws(GraphQLError) -> NodeID {
    guard token.kind == left else { return .none }
    return try parseMany(left, right, parse)
  }

  mutating func parseMany(
    _ left: Token.Kind, _ right: Token.Kind, _ parse: (inout Parser) throws(GraphQLError) -> NodeID
  ) throws(GraphQLError) -> NodeID {
    try expect(left)
    var chain = Chain()
    repeat { append(try parse(&self), to: &chain) } while token.kind != right
    try advance()
    return chain.first
  }

  private mutating func enter() throws(GraphQLError) {
    nesting += 1
    if nesting > lexer.limits.maxNesting {
      throw lexer.syntaxError(
        Int(token.start), "Document is nested too deeply. Parsing aborted.", code: GraphQLError.Code.nestingTooDeep)
    }
  }

  mutating func advance() throws(GraphQLError) {
    lastEnd = token.end
    if let next = ahead {
      token = next
      ahead = nil
    } else {
      token = try lexer.next()
    }
    guard token.kind != .endOfFile else { return }
    tokens += 1
    if tokens > lexer.limits.maxTokens {
      throw lexer.syntaxError(
        Int(token.start), "Document contains more than \(lexer.limits.maxTokens) tokens. Parsing aborted.",
        code: GraphQLError.Code.tooManyTokens)
    }
  }

  mutating func lookahead() throws(GraphQLError) -> Token {
    if let ahead { return ahead }
    let next = try lexer.next()
    ahead = next
    return next
  }

  @discardableResult
  mutating func expect(_ kind: Token.Kind) throws(GraphQLError) -> Token {
    let found = token
    guard found.kind == kind else {
      throw lexer.syntaxError(Int(found.start), "Expected \(kind.description), found \(describe(found)).")
    }
    try advance()
    return found
  }

  mutating func skip(_ kind: Token.Kind) throws(GraphQLError) -> Bool {
    guard token.kind == kind else { return false }
    try advance()
    return true
  }

  mutating func expectKeyword(_ keyword: StaticString) throws(GraphQLError) {
    guard isKeyword(token, keyword) else {
      throw lexer.syntaxError(Int(token.start), "Expected \"\(keyword)\", found \(describe(token)).")
    }
    try advance()
  }

  func isKeyword(_ token: Token, _ keyword: StaticString) -> Bool {
    let count = keyword.utf8CodeUnitCount
    guard token.kind == .name, Int(token.end - token.start) == count else { return false }
    let start = Int(token.start)
    for index in 0..<count where lexer.bytes[start + index] != keyword.utf8Start[index] { return false }
    return true
  }

  func text(_ token: Token) -> String {
    String(decoding: lexer.bytes[Int(token.start)..<Int(token.end)], as: UTF8.self)
  }

  func unexpected(_ token: Token) -> GraphQLError {
    lexer.syntaxError(Int(token.start), "Unexpected \(describe(token)).")
  }

  func describe(_ token: Token) -> String {
    switch token.kind {
    case .name, .int, .float: return "\(token.kind.description) \"\(text(token))\""
    case .string, .blockString:
      let literal = UnsafeBufferPointer(rebasing: lexer.bytes[Int(token.start)..<Int(token.end)])
      let value = StringLiteral.value(of: literal, isBlock: token.kind == .blockString)
      return "\(token.kind.description) \"\(String(decoding: value, as: UTF8.self))\""
    default: return token.kind.description
    }
  }
}
