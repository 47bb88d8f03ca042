/// How many objects an operation may ask for: one for every field of a composite type, times the sizes of the pages and
/// lists around it.
///
/// Page sizes that are variables stay open until a request brings them; everything else is summed up once per document.
public struct OperationCost: Sendable {
  /// How often what is below a list counts.
  enum Size: Hashable, Sendable {
    case known(Int)
    case variable(String)
  }

  /// What a part of the operation costs: `own + size × (inner + costs of the inner terms)`.
  struct Term: Sendable {
    var own: Int
    var size: Size
    var inner: Int
    /// Earlier terms.
    var terms: [Int]
  }

  /// What does not depend on variables.
  var constant = 0
  /// Inner terms stand before those they are part of.
  var terms: ContiguousArray<Term> = []
  /// The outermost terms.
  var roots: [Int] = []

  /// Whether every request with the document costs the same.
  public var isConstant: Bool { roots.isEmpty }

  /// The cost with these variables.
  public func value(_ variables: VariableValues, limits: Limits) -> Int {
    guard !isConstant else { return constant }
    var values = ContiguousArray<Int>()
    values.reserveCapacity(terms.count)
    for term in terms {
      let inner = term.terms.reduce(term.inner) { Self.sum($0, values[$1]) }
      let size: Int =
        switch term.size {
        case .known(let size): size
        case .variable(let name): Self.pageSize(variables[name]?.int, limits)
        }
      values.append(Self.sum(term.own, Self.product(size, inner)))
    }
    return roots.reduce(constant) { Self.sum($0, values[$1]) }
  }

  /// - Throws: `COST_LIMIT`.
  public func check(_ cost: Int, limits: Limits) throws(GraphQLError) {
    guard cost > limits.maxCost else { return }
    throw GraphQLError(
      "The operation may ask for \(cost >= Self.most ? "too many" : String(cost)) objects; at most \(limits.maxCost) are allowed. Ask for smaller pages.",
      code: GraphQLError.Code.costLimit)
  }

  static func pageSize(_ given: Int64?, _ limits: Limits) -> Int {
    guard let given else { return limits.assumedListSize }
    return Int(min(max(given, 0), Int64(limits.maximumPageSize)))
  }

  /// Sums and products end here instead of overflowing.
  static let most = 1 << 40

  static func sum(_ first: Int, _ second: Int) -> Int { min(first + second, most) }

  static func product(_ first: Int, _ second: Int) -> Int {
    let (result, overflow) = first.multipliedReportingOverflow(by: second)
    return overflow ? most : min(result, most)
  }
}

extension OperationCost {
  /// Measures an operation of a valid document. Each fragment is measured once per page size it stands below.
  public init(of operation: NodeID, in document: Document, schema: Schema, limits: Limits = Limits()) {
    var measure = CostMeasure(document: document, schema: schema, limits: limits)
    let root = schema.rootType(document[operation].operation) ?? .none
    let part = measure.part(of: document[operation].selectionSet, on: root, page: nil)
    constant = part.constant
    roots = part.terms
    terms = measure.terms
  }
}

private struct CostMeasure {
  struct Part {
    var constant = 0
    var terms: [Int] = []

    mutating func add(_ other: Part) {
      constant = OperationCost.sum(constant, other.constant)
      terms += other.terms
    }
  }

  struct FragmentKey: Hashable {
    let name: NameID
    let page: OperationCost.Size?
  }

  let document: Document
  let schema: Schema
  let limits: Limits
  var terms: ContiguousArray<OperationCost.Term> = []
  private var fragments: [NameID: NodeID] = [:]
  private var known: [FragmentKey: Part] = [:]

  init(document: Document, schema: Schema, limits: Limits) {
    self.document = document
    self.schema = schema
    self.limits = limits
    for definition in document.definitions where document[definition].kind == .fragmentDefinition {
      fragments[document[definition].name] = definition
    }
  }

  /// - Parameter page: the page size of the connection that the type is, for the lists among its fields.
  mutating func part(of set: NodeID, on type: TypeID, page: OperationCost.Size?) -> Part {
    var result = Part()
    guard !set.isNone, !type.isNone else { return result }
    for selection in document.list(document[set].children) {
      let node = document[selection]
      switch node.kind {
      case .field:
        result.add(field(selection, on: type, page))
      case .inlineFragment:
        result.add(part(of: node.selectionSet, on: conditionType(node.typeCondition) ?? type, page: page))
      default:
        result.add(fragment(node.name, page))
      }
    }
    return result
  }

  private mutating func fragment(_ name: NameID, _ page: OperationCost.Size?) -> Part {
    let key = FragmentKey(name: name, page: page)
    if let known = known[key] { return known }
    guard let definition = fragments[name], let type = conditionType(document[definition].typeCondition) else {
      return Part()
    }
    var part = part(of: document[definition].selectionSet, on: type, page: page)
    if part.terms.count > 1 {
      // One term stands for all, or fragments that spread fragments would multiply them.
      part = Part(terms: [add(OperationCost.Term(own: 0, size: .known(1), inner: part.constant, terms: part.terms))])
    }
    known[key] = part
    return part
  }

  private mutating func field(_ id: NodeID, on parent: TypeID, _ page: OperationCost.Size?) -> Part {
    let node = document[id]
    guard !node.selectionSet.isNone, let name = document.names.withBytes(node.name, { schema.names.find($0) }),
      let field = schema.selectableField(parent, name)
    else { return Part() }
    let definition = schema[field]
    let isList = definition.type.nullable.isList
    let asked = pageSize(node.arguments, definition.arguments)
    var inner = part(of: node.selectionSet, on: definition.type.named, page: isList ? nil : asked)
    let size = isList ? asked ?? page ?? .known(limits.assumedListSize) : .known(1)
    let own = isList ? 0 : 1
    // The edges of a connection are no objects of their own: their nodes are.
    if isList, asked != nil || page == nil { inner.constant = OperationCost.sum(1, inner.constant) }
    if case .known(let count) = size, inner.terms.isEmpty {
      return Part(constant: OperationCost.sum(own, OperationCost.product(count, inner.constant)))
    }
    if case .known(1) = size {
      return Part(constant: OperationCost.sum(own, inner.constant), terms: inner.terms)
    }
    return Part(
      terms: [add(OperationCost.Term(own: own, size: size, inner: inner.constant, terms: inner.terms))])
  }

  private mutating func add(_ term: OperationCost.Term) -> Int {
    terms.append(term)
    return terms.count - 1
  }

  private func conditionType(_ node: NodeID) -> TypeID? {
    guard !node.isNone, let name = document.names.withBytes(document[node].name, { schema.names.find($0) }) else {
      return nil
    }
    let type = schema.type(name)
    return type.isNone ? nil : type
  }

  /// What the field's arguments say about its page; nil for a field that has no pages.
  private func pageSize(_ arguments: NodeID, _ definitions: Range<Int>) -> OperationCost.Size? {
    guard definitions.contains(where: { isPageSize(schema.names.string(schema.inputValues[$0].name)) }) else {
      return nil
    }
    for argument in document.list(arguments) where isPageSize(document.name(argument)) {
      let value = document[argument].value
      switch document[value].kind {
      case .variable: return .variable(document.name(value))
      case .intValue: return .known(OperationCost.pageSize(Int64(document.text(value)) ?? .max, limits))
      default: continue
      }
    }
    return .known(limits.assumedListSize)
  }

  private func isPageSize(_ name: String) -> Bool { name == "first" || name == "last" }
}
