/// The scopes in which selections of fragments with variables are looked at: what a variable means there depends on
/// the arguments of the spread.
///
/// Two spreads of one fragment share a scope when their arguments are the same, and mention no variable of the
/// fragment around them or stand in the same scope of it.
struct FragmentScopes {
  /// Number of a scope; 0 is that of operations and of fragments without variables.
  typealias Scope = Int

  static let operation: Scope = 0

  /// A fragment as it is spread in a scope.
  struct Spread {
    var node: NodeID
    var scope: Scope
    /// The fragment's definition; none for an unknown fragment.
    var fragment: NodeID
  }

  /// What is known of all spreads with the same fragment and arguments.
  private struct Arguments {
    var fragment: NodeID
    /// Variables that the arguments mention.
    var variables: Set<NameID>
    /// Scopes by the scope around the spread, where its variables matter, and else by that of operations.
    var scopes: [Scope: Scope] = [:]
  }

  private let context: ValidationContext
  private let document: Document
  /// The fragment's variables, per scope.
  private var variables: [Set<NameID>] = [[]]
  private var argumentsByKey: [String: Int] = [:]
  private var argumentsBySpread: [NodeID: Int] = [:]
  private var arguments: [Arguments] = []
  /// Longest arguments that an error message shows, in characters.
  private static let maxShownArguments = 256

  init(_ context: ValidationContext) {
    self.context = context
    document = context.document
  }

  /// A new scope for a fragment's own variables; that of operations if it has none.
  mutating func scope(of fragment: NodeID) -> Scope {
    guard !fragment.isNone, !document[fragment].variables.isNone else { return Self.operation }
    variables.append(Set(document.list(document[fragment].variables).map { document[$0].name }))
    return variables.count - 1
  }

  /// What a spread spreads, given the scope it stands in.
  mutating func resolve(_ spread: NodeID, in outer: Scope) -> Spread {
    let fragment = context.fragments[document[spread].name] ?? .none
    guard context.hasFragmentVariables else { return Spread(node: spread, scope: Self.operation, fragment: fragment) }
    let index = argumentsIndex(spread, fragment)
    let dependsOnOuter = !arguments[index].variables.isDisjoint(with: variables[outer])
    let key = dependsOnOuter ? outer : Self.operation
    let scope = arguments[index].scopes[key] ?? scope(of: fragment)
    arguments[index].scopes[key] = scope
    return Spread(node: spread, scope: scope, fragment: fragment)
  }

  private mutating func argumentsIndex(_ spread: NodeID, _ fragment: NodeID) -> Int {
    if let known = argumentsBySpread[spread] { return known }
    var declared = Set<NameID>()
    if !fragment.isNone { declared = Set(document.list(document[fragment].variables).map { document[$0].name }) }
    var used: [(name: String, value: NodeID)] = []
    var mentioned = Set<NameID>()
    for argument in document.list(document[spread].arguments) where declared.contains(document[argument].name) {
      used.append((document.name(argument), document[argument].value))
      collectVariables(document[argument].value, into: &mentioned)
    }
    used.sort { $0.name < $1.name }
    var key = document.string(document[spread].name)
    for argument in used { key += " \(argument.name):" + Self.comparisonKey(document, argument.value) }
    let index = argumentsByKey[key] ?? arguments.count
    if index == arguments.count {
      arguments.append(Arguments(fragment: fragment, variables: mentioned))
      argumentsByKey[key] = index
    }
    argumentsBySpread[spread] = index
    return index
  }

  private func collectVariables(_ value: NodeID, into found: inout Set<NameID>) {
    let node = document[value]
    switch node.kind {
    case .variable: found.insert(node.name)
    case .listValue: for item in document.list(node.children) { collectVariables(item, into: &found) }
    case .objectValue:
      for field in document.list(node.children) { collectVariables(document[field].value, into: &found) }
    default: break
    }
  }

  /// A text that two literals share exactly when they are the same; fields of objects may be in any order.
  private static func comparisonKey(_ document: Document, _ value: NodeID) -> String {
    let node = document[value]
    switch node.kind {
    case .listValue:
      return "[" + document.list(node.children).map { comparisonKey(document, $0) }.joined(separator: ",") + "]"
    case .objectValue:
      let fields = document.list(node.children).sorted { document.name($0) < document.name($1) }
      return "{"
        + fields.map { document.name($0) + ":" + comparisonKey(document, document[$0].value) }.joined(separator: ",")
        + "}"
    case .stringValue: return (node.isBlock ? "b" : "s") + StringPrinter.print(document.stringBytes(value))
    default: return "\(node.kind.rawValue)" + Printer.print(document, value)
    }
  }

  /// Whether two fields or directives have the same arguments where each stands. Variables of the same name are the
  /// same variable within one scope, and across scopes if they are the operation's.
  func sameArguments(_ first: NodeID, _ firstScope: Scope, _ second: NodeID, _ secondScope: Scope) -> Bool {
    guard FieldMergeDetection.sameArguments(document, first, second) else { return false }
    guard firstScope != secondScope else { return true }
    var mentioned = Set<NameID>()
    for argument in document.list(document[first].arguments) {
      collectVariables(document[argument].value, into: &mentioned)
    }
    return mentioned.isDisjoint(with: variables[firstScope]) && mentioned.isDisjoint(with: variables[secondScope])
  }

  /// A spread as an error message calls it.
  func description(_ spread: Spread, name: String) -> String {
    let length = document.list(document[spread.node].arguments).reduce(1) {
      $0 + 2 + document.name($1).utf8.count + Self.comparisonKey(document, document[$1].value).utf8.count
    }
    if length > Self.maxShownArguments { return name + "(...)" }
    return Printer.printSpreadForError(document, spread.node, name: name)
  }
}
