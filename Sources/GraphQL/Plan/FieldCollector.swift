/// Groups the selections of a type by response name.
///
/// Spec: 6.3.2 `CollectFields`, but once per document: the conditions of `@skip` and `@include` are kept symbolic.
struct FieldCollector {
  /// A field as collected: all its nodes with the condition of each.
  struct Field {
    let name: String
    var nodes: [Selected]
  }

  /// A node, or a set of selections, with the condition under which it applies and the scope of its variables.
  struct Selected {
    let node: NodeID
    let when: [Condition.Literal]
    let scope: Int
    /// Which of the collected nodes this is: the order of fields in the response.
    var place = 0
  }

  /// A fragment within one collection.
  private struct Spread: Hashable {
    let name: NameID
    let when: [Condition.Literal]
  }

  let schema: Schema
  let document: Document
  /// The scopes of fragments with variables; the first is the operation's and has no fragment.
  private(set) var scopes: [Plan.Scope] = [Plan.Scope(outer: 0, spread: .none, fragment: .none)]
  private var scopesOfSpreads: [Plan.Scope: Int] = [:]
  private var nodeCount = 0

  init(schema: Schema, document: Document) {
    self.schema = schema
    self.document = document
  }

  mutating func collect(_ sets: [Selected], for type: TypeID) -> [Field] {
    var result: [Field] = []
    var places: [NameID: Int] = [:]
    for set in sets {
      var visited: Set<Spread> = []
      collect(set, type, &result, &places, &visited)
    }
    return result
  }

  private mutating func collect(
    _ set: Selected, _ type: TypeID, _ result: inout [Field], _ places: inout [NameID: Int],
    _ visited: inout Set<Spread>
  ) {
    guard !set.node.isNone else { return }
    for selection in document.list(document[set.node].children) {
      let node = document[selection]
      guard let when = condition(node.directives, set) else { continue }
      switch node.kind {
      case .field:
        let field = Selected(node: selection, when: when, scope: set.scope, place: nodeCount)
        nodeCount += 1
        if let place = places[node.responseName] {
          result[place].nodes.append(field)
        } else {
          places[node.responseName] = result.count
          result.append(Field(name: document.string(node.responseName), nodes: [field]))
        }
      case .inlineFragment:
        guard node.typeCondition.isNone || applies(node.typeCondition, to: type) else { continue }
        collect(Selected(node: node.selectionSet, when: when, scope: set.scope), type, &result, &places, &visited)
      default:
        guard let fragment = document.fragment(named: node.name), applies(document[fragment].typeCondition, to: type)
        else { continue }
        // Spread twice under the same condition, a fragment adds nothing.
        guard visited.insert(Spread(name: node.name, when: when)).inserted else { continue }
        let scope = scope(of: fragment, spread: selection, in: set.scope)
        collect(
          Selected(node: document[fragment].selectionSet, when: when, scope: scope), type, &result, &places, &visited)
      }
    }
  }

  private mutating func scope(of fragment: NodeID, spread: NodeID, in outer: Int) -> Int {
    guard !document[fragment].variables.isNone else { return 0 }
    let scope = Plan.Scope(outer: outer, spread: spread, fragment: fragment)
    if let known = scopesOfSpreads[scope] { return known }
    scopes.append(scope)
    scopesOfSpreads[scope] = scopes.count - 1
    return scopes.count - 1
  }

  private func applies(_ condition: NodeID, to type: TypeID) -> Bool {
    guard let wanted = schema.type(named: document.name(condition)) else { return false }
    return schema.isSubtype(wanted, type)
  }

  /// What `@skip` and `@include` add to the condition of the set around; nil when the selection never applies.
  private func condition(_ directives: NodeID, _ outer: Selected) -> [Condition.Literal]? {
    var literals = outer.when
    for directive in document.list(directives) {
      let name = document.name(directive)
      guard name == "skip" || name == "include" else { continue }
      for argument in document.list(document[directive].arguments) where document.name(argument) == "if" {
        let expected = name == "include"
        let value = document[argument].value
        if document[value].kind == .variable {
          let literal = Condition.Literal(variable: document.name(value), scope: outer.scope, expected: expected)
          if !literals.contains(literal) { literals.append(literal) }
        } else if document[value].boolean != expected {
          return nil
        }
      }
    }
    return literals
  }
}
