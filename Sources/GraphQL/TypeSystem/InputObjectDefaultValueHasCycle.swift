/// Spec `InputObjectDefaultValueHasCycle` (section 3.10): applying default values ends. Visits each field's default
/// once.
struct InputObjectDefaultValueHasCycle {
  private let schema: Schema
  private let document: Document
  private var visited = Set<String>()
  private var path: [(coordinate: String, node: NodeID)] = []
  private var position: [String: Int] = [:]

  init(schema: Schema) {
    self.schema = schema
    document = schema.document
  }

  /// Checks an input object as if it were given no field.
  mutating func visit(_ id: TypeID, _ validation: inout SchemaValidation) { visitObject(id, [:], &validation) }

  private mutating func visitObject(
    _ id: TypeID, _ given: [NameID: NodeID], _ validation: inout SchemaValidation
  ) {
    for field in schema.inputValues[schema[id].inputFields] where schema.kind(field.type.named) == .inputObject {
      if let value = given[field.name] {
        visitLiteral(field.type.named, value, &validation)
      } else {
        visitDefault(field, "\(schema.name(id)).\(schema.names.string(field.name))", &validation)
      }
    }
  }

  private mutating func visitLiteral(_ id: TypeID, _ literal: NodeID, _ validation: inout SchemaValidation) {
    switch document[literal].kind {
    case .listValue:
      for item in document.list(document[literal].children) { visitLiteral(id, item, &validation) }
    case .objectValue:
      var given: [NameID: NodeID] = [:]
      for field in document.list(document[literal].children) {
        if let name = document.names.withBytes(document[field].name, { schema.names.find($0) }) {
          given[name] = document[field].value
        }
      }
      visitObject(id, given, &validation)
    default: break
    }
  }

  private mutating func visitDefault(
    _ field: InputValueDefinition, _ coordinate: String, _ validation: inout SchemaValidation
  ) {
    guard !field.defaultLiteral.isNone else { return }
    if let start = position[coordinate] {
      let via = path[start...].map(\.coordinate).joined(separator: ", ")
      validation.report(
        "Invalid circular reference. The default value of Input Object field \(coordinate) references itself"
          + (via.isEmpty ? "" : " via the default values of: \(via)") + ".", path[(start - 1)...].map(\.node))
      return
    }
    guard visited.insert(coordinate).inserted else { return }
    path.append((coordinate, field.defaultLiteral))
    position[coordinate] = path.count
    visitLiteral(field.type.named, field.defaultLiteral, &validation)
    path.removeLast()
    position[coordinate] = nil
  }
}
