/// A row of introspection: what it is about.
enum IntrospectionRow {
  case schema
  case type(TypeReference)
  case field(FieldDefinition)
  case input(InputValueDefinition)
  case enumValue(EnumValueDefinition)
  case directive(DirectiveDefinition)
}

/// Rows found by a function of the parent's row; nil stands for a null list.
final class IntrospectionSource: StepSource, @unchecked Sendable {  // immutable after initialisation
  private let rows: @Sendable (IntrospectionRow, Schema, ValueObject) -> [IntrospectionRow]?

  init(
    _ name: String, _ shape: StepSource.Shape,
    rows: @escaping @Sendable (IntrospectionRow, Schema, ValueObject) -> [IntrospectionRow]?
  ) {
    self.rows = rows
    super.init(name: name, shape: shape, isSynchronous: true)
  }

  override var isConstant: Bool { true }

  override func begin(_ request: StepRequest) -> StepResult {
    var all: ContiguousArray<IntrospectionRow> = []
    var starts: ContiguousArray<Int32> = []
    var ends: ContiguousArray<Int32> = []
    for parent in 0..<request.parentCount {
      let row = (request.parents as? IntrospectionBatch)?.rows[parent] ?? .schema
      guard let children = rows(row, request.schema, request.arguments) else {
        starts.append(RowBatch.nullList)
        ends.append(RowBatch.nullList)
        continue
      }
      starts.append(Int32(all.count))
      all.append(contentsOf: children)
      ends.append(Int32(all.count))
    }
    return .ready(
      IntrospectionBatch(
        rows: all, starts: starts, ends: ends, schema: request.schema,
        properties: request.properties.map { IntrospectionProperty(rawValue: $0.index) ?? .name }))
  }
}

/// Leaves of introspection.
enum IntrospectionProperty: Int, CaseIterable {
  case kind, name, description, specifiedByURL, isOneOf, isDeprecated, deprecationReason, defaultValue
  case isRepeatable, locations

  var name: String { "\(self)" }

  var types: [String] {
    switch self {
    case .kind, .specifiedByURL, .isOneOf: ["__Type"]
    case .name: ["__Type", "__Field", "__InputValue", "__EnumValue", "__Directive"]
    case .description: ["__Schema", "__Type", "__Field", "__InputValue", "__EnumValue", "__Directive"]
    case .isDeprecated, .deprecationReason: ["__Field", "__InputValue", "__EnumValue", "__Directive"]
    case .defaultValue: ["__InputValue"]
    case .isRepeatable, .locations: ["__Directive"]
    }
  }
}

private final class IntrospectionBatch: RowBatch {
  let rows: ContiguousArray<IntrospectionRow>
  private let schema: Schema
  private let properties: [IntrospectionProperty]

  init(
    rows: ContiguousArray<IntrospectionRow>, starts: ContiguousArray<Int32>, ends: ContiguousArray<Int32>,
    schema: Schema, properties: [IntrospectionProperty]
  ) {
    self.rows = rows
    self.schema = schema
    self.properties = properties
    super.init(rowCount: rows.count, starts: starts, ends: ends)
  }

  override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
    func text(_ value: String?) -> LeafResult {
      guard let value else { return .null }
      output.appendString(value)
      return .written
    }
    func flag(_ value: Bool) -> LeafResult {
      output.append(value)
      return .written
    }
    func deprecated(_ property: IntrospectionProperty, _ reason: String?) -> LeafResult {
      property == .isDeprecated ? flag(reason != nil) : text(reason)
    }
    switch (rows[row], properties[slot]) {
    case (.schema, .description): return text(schema.description)
    case (.type(let reference), let property): return write(reference, property, text, flag)
    case (.field(let field), .name): return text(schema.names.string(field.name))
    case (.field(let field), .description): return text(field.description)
    case (.field(let field), let property): return deprecated(property, field.deprecationReason)
    case (.input(let input), .name): return text(schema.names.string(input.name))
    case (.input(let input), .description): return text(input.description)
    case (.input(let input), .defaultValue): return text(defaultText(input))
    case (.input(let input), let property): return deprecated(property, input.deprecationReason)
    case (.enumValue(let value), .name): return text(schema.names.string(value.name))
    case (.enumValue(let value), .description): return text(value.description)
    case (.enumValue(let value), let property): return deprecated(property, value.deprecationReason)
    case (.directive(let directive), .name): return text(schema.names.string(directive.name))
    case (.directive(let directive), .description): return text(directive.description)
    case (.directive(let directive), .isDeprecated), (.directive(let directive), .deprecationReason):
      return deprecated(properties[slot], directive.deprecationReason)
    case (.directive(let directive), .isRepeatable): return flag(directive.isRepeatable)
    case (.directive(let directive), .locations):
      output.append(Value.list(directive.locations.map { .enumValue($0.name) }))
      return .written
    default: return .null
    }
  }

  private func defaultText(_ input: InputValueDefinition) -> String? {
    input.defaultLiteral.isNone ? nil : Printer.print(schema.document(of: input), input.defaultLiteral)
  }

  private func write(
    _ reference: TypeReference, _ property: IntrospectionProperty, _ text: (String?) -> LeafResult,
    _ flag: (Bool) -> LeafResult
  ) -> LeafResult {
    if !reference.isNamed {
      return property == .kind ? text(reference.isList ? "LIST" : "NON_NULL") : .null
    }
    let type = schema[reference.named]
    switch property {
    case .kind: return text(type.kind.name)
    case .name: return text(schema.names.string(type.name))
    case .description: return text(type.description)
    case .specifiedByURL: return text(type.specifiedByURL)
    case .isOneOf: return type.kind == .inputObject ? flag(type.isOneOf) : .null
    default: return .null
    }
  }
}
