/// How many objects an operation may ask for: one for every field of a composite type, times the sizes of the pages and
/// lists around it.
///
/// Page sizes that are variables stay open until a request brings them; everything else is summed up once per document.
public struct OperationCost: Sendable {
  /// How often what is below a list counts.
  enum Size: Hashable, Sendable {
    case known(Int)
    /// The page size is in a variable; without a value it is the other one.
    case variable(String, otherwise: Int)
    /// The keys of the objects are in a variable; without a value everything is asked for.
    case keys(String, otherwise: Int)
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
        case .variable(let name, let otherwise): variables[name]?.int.map { Self.pageSize($0, limits) } ?? otherwise
        case .keys(let name, let otherwise): variables[name].flatMap { Self.keyCount($0, limits) } ?? otherwise
        }
      values.append(Self.sum(term.own, Self.product(size, inner)))
    }
    return roots.reduce(constant) { Self.sum($0, values[$1]) }
  }

  /// - Throws: `COST_LIMIT`.
  public func check(_ cost: Int, limits: Limits) throws(GraphQLError) {
    guard cost > limits.maxCost else { return }
    throw GraphQLError(
      "The operation may ask for \(cost >= Self.most ? "too many" : String(cost)) objects; "
        + "at most \(limits.maxCost) are allowed. Ask for smaller pages.",
      code: GraphQLError.Code.costLimit)
  }

  static func pageSize(_ given: Int64, _ limits: Limits) -> Int {
    Int(min(max(given, 0), Int64(limits.maximumPageSize)))
  }

  /// How many objects keys name, or one; nil for null, which asks for everything.
  private static func keyCount(_ keys: Value, _ limits: Limits) -> Int? {
    keys == .null ? nil : min(keys.list?.count ?? 1, limits.maximumPageSize)
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
    let part = measure.part(of: document[operation].selectionSet, on: root, CostMeasure.Surroundings())
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

  /// Where a selection set stands, as far as that changes what it costs.
  struct Surroundings: Hashable {
    /// The page size of the connection that the type is, for the lists among its fields.
    var page: OperationCost.Size?
    /// Whether there is a list around it.
    var isInList = false
  }

  struct FragmentKey: Hashable {
    let name: NameID
    let surroundings: Surroundings
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

  mutating func part(of set: NodeID, on type: TypeID, _ place: Surroundings) -> Part {
    var result = Part()
    guard !set.isNone, !type.isNone else { return result }
    for selection in document.list(document[set].children) {
      let node = document[selection]
      switch node.kind {
      case .field:
        result.add(field(selection, on: type, place))
      case .inlineFragment:
        result.add(part(of: node.selectionSet, on: conditionType(node.typeCondition) ?? type, place))
      default:
        result.add(fragment(node.name, place))
      }
    }
    return result
  }

  private mutating func fragment(_ name: NameID, _ place: Surroundings) -> Part {
    let key = FragmentKey(name: name, surroundings: place)
    if let known = known[key] { return known }
    guard let definition = fragments[name], let type = conditionType(document[definition].typeCondition) else {
      return Part()
    }
    var part = part(of: document[definition].selectionSet, on: type, place)
    if part.terms.count > 1 {
      // One term stands for all, or fragments that spread fragments would multiply them.
      part = Part(terms: [add(OperationCost.Term(own: 0, size: .known(1), inner: part.constant, terms: part.terms))])
    }
    known[key] = part
    return part
  }

  private mutating func field(_ id: NodeID, on parent: TypeID, _ place: Surroundings) -> Part {
    let node = document[id]
    guard !node.selectionSet.isNone, let name = document.names.withBytes(node.name, { schema.names.find($0) }),
      let field = schema.selectableField(parent, name)
    else { return Part() }
    let definition = schema[field]
    let isList = definition.type.nullable.isList
    let isIntrospection = schema.names.string(schema[definition.type.named].name).hasPrefix("__")
    let assumed =
      isIntrospection ? Self.introspectionList : place.isInList ? limits.assumedNestedSize : limits.assumedListSize
    let asked = pageSize(node.arguments, definition.arguments, otherwise: assumed)
    var inner = part(
      of: node.selectionSet, on: definition.type.named,
      Surroundings(page: isList ? nil : asked, isInList: place.isInList || isList))
    let size = isList ? asked ?? place.page ?? .known(assumed) : .known(1)
    let own = isList ? 0 : 1
    // The edges of a connection are no objects of their own: their nodes are.
    if isList, asked != nil || place.page == nil { inner.constant = OperationCost.sum(1, inner.constant) }
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
  private func pageSize(
    _ arguments: NodeID, _ definitions: Range<Int>, otherwise assumed: Int
  ) -> OperationCost.Size? {
    guard definitions.contains(where: { isPageSize(schema.names.string(schema.inputValues[$0].name)) }) else {
      return nil
    }
    var key: OperationCost.Size?
    for argument in document.list(arguments) {
      let value = document[argument].value
      if document.name(argument) == "filter" {
        key = keySize(value, otherwise: assumed)
      } else if isPageSize(document.name(argument)) {
        switch document[value].kind {
        case .variable: return .variable(document.name(value), otherwise: assumed)
        case .intValue: return .known(OperationCost.pageSize(Int64(document.text(value)) ?? .max, limits))
        default: continue
        }
      }
    }
    return key ?? .known(assumed)
  }

  /// How many objects a filter asks for by their keys, as clients do that read single ones. An element with further
  /// fields does not count: `invert` turns it around.
  private func keySize(_ filter: NodeID, otherwise assumed: Int) -> OperationCost.Size? {
    let isList = document[filter].kind == .listValue
    for element in isList ? Array(document.list(document[filter].children)) : [filter] {
      guard document[element].kind == .objectValue else { continue }
      let fields = Array(document.list(document[element].children))
      guard fields.count == 1, Self.keys.contains(document.name(fields[0])) else { continue }
      let value = document[fields[0]].value
      switch document[value].kind {
      case .variable: return .keys(document.name(value), otherwise: assumed)
      case .stringValue: return .known(1)
      case .listValue: return .known(min(document.count(document[value].children), limits.maximumPageSize))
      default: continue
      }
    }
    return nil
  }

  /// What a list of introspection counts: its objects are the schema's and cost no statement. The query of the usual
  /// tools passes, a few times over.
  private static let introspectionList = 5

  /// Fields of filters that take keys of objects.
  private static let keys: Set = ["id", "ids", "slug", "slugs"]

  private func isPageSize(_ name: String) -> Bool { name == "first" || name == "last" }
}
