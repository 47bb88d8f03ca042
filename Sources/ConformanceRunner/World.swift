import GraphQL

/// A made-up world of objects in which every outcome follows from a seed, so that another engine that makes up the same
/// world has to give the same answers. Here plans are executed, as the server does.
///
/// An object is a number. What a field of it is follows from a digest of the object, the field's coordinate and its
/// arguments: one of 100 cases, of which some are null and some an error. Whether a source fails altogether follows from
/// the coordinate and the arguments alone, because a step is taken for all of its parents at once.
struct World: Sendable {
  let schema: Schema
  let seed: String

  /// FNV-1a with 64 bits, then mixed once, because its low bits are poor.
  static func digest(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash ^= hash >> 32
    return hash &* 0x9E37_79B9_7F4A_7C15
  }

  /// Which of 100 cases a digest stands for.
  static func chance(_ digest: UInt64) -> UInt64 { (digest >> 33) % 100 }

  static func text(_ arguments: ValueObject) -> String {
    arguments.fields.sorted { $0.name < $1.name }.map { "\($0.name)=\($0.value.json)" }.joined(separator: ",")
  }

  var root: UInt64 { Self.digest("root|\(seed)") }

  func outcome(of object: UInt64, _ coordinate: String, _ arguments: String) -> UInt64 {
    Self.digest("\(object)|\(coordinate)|\(arguments)")
  }

  func fails(_ coordinate: String, _ arguments: String) -> Bool {
    Self.chance(Self.digest("fail|\(seed)|\(coordinate)|\(arguments)")) < 3
  }

  /// The type of an object where one of several is wanted.
  func concrete(_ object: UInt64, _ type: TypeID) -> TypeID {
    guard schema.kind(type).isAbstract else { return type }
    let possible = schema[type].possibleTypes.sorted { schema.name($0) < schema.name($1) }
    return possible[Int((object >> 7) % UInt64(possible.count))]
  }

  /// Writes a leaf.
  func write(_ outcome: UInt64, _ type: TypeReference, into output: OutputBuffer) -> LeafResult {
    switch Self.chance(outcome) {
    case ..<10: return .null
    case ..<15: return .failed(GraphQLError("Leaf \(outcome % 1000) is broken."))
    default: break
    }
    if type.nullable.isList {
      output.appendRaw("[\(outcome % 10),\(outcome % 7)]")
      return .written
    }
    switch schema.name(type.named) {
    case "Int": output.appendRaw("\(outcome % 1000)")
    case "Boolean": output.appendRaw(outcome % 2 == 0 ? "true" : "false")
    default: output.appendString("text \(outcome % 1000)")
    }
    return .written
  }

  /// Executes an operation as the server does.
  /// - Throws: `RequestErrors` for what refuses the request.
  func run(_ document: Document, _ variables: ValueObject) throws -> Value {
    let binding = try SchemaBinding(schema: schema, resolvers: resolvers())
    let plan = try PlanCompiler.compile(document, operation: try document.operation(named: nil), binding: binding)
    let coerced = try plan.coerceVariables(variables)
    var execution = Execution(plan: plan, variables: coerced, context: ExecutionContext(maxErrors: .max))
    let output = OutputBuffer()
    execution.runSynchronously(into: output)
    return try JSONDocument(output.string, maxDepth: 512).root.value
  }

  /// Leaves are properties of their object where no arguments tell them apart; all else has rows of its own.
  private func resolvers() -> [String: FieldResolver] {
    var resolvers: [String: FieldResolver] = [:]
    for (index, type) in schema.types.enumerated() where type.kind == .object && !type.isBuiltIn {
      let owner = TypeID(UInt32(index))
      let isRoot = owner == schema.queryType || owner == schema.mutationType
      for number in type.fields {
        let field = schema.fields[number]
        let coordinate = "\(schema.name(owner)).\(schema.names.string(field.name))"
        if !schema.kind(field.type.named).isLeaf {
          let shape: StepSource.Shape = field.type.nullable.isList ? .list : .one
          resolvers[coordinate] = .step(WorldSource(self, coordinate, field.type, shape))
        } else if isRoot || !field.arguments.isEmpty {
          resolvers[coordinate] = .value(WorldSource(self, coordinate, field.type, .one))
        } else {
          resolvers[coordinate] = .property(PropertyID(number))
        }
      }
    }
    return resolvers
  }
}
