import GraphQL

/// The schema that every peer serves: a greeting, and fifty items of eight leaves and an object each, from memory.
enum ItemsSchema {
  static let sdl = """
    type Query { hello: String, items(first: Int): [Item!]! }
    type Item { id: ID!, name: String!, status: String!, price: Float!, count: Int!, active: Boolean!, createdAt: String!, note: String, owner: Owner! }
    type Owner { id: ID!, email: String! }
    """

  static let query =
    "{ items(first: 50) { id name status price count active createdAt note owner { id email } } }"

  static func binding() throws -> SchemaBinding {
    let schema = try Schema.build(sdl)
    var resolvers: [String: FieldResolver] = [
      "Query.hello": .value(MemorySource(.one, .greeting)),
      "Query.items": .step(MemorySource(.list, .items)),
      "Item.owner": .step(MemorySource(.one, .owners)),
    ]
    for (number, name) in ["id", "name", "status", "price", "count", "active", "createdAt", "note"].enumerated() {
      resolvers["Item.\(name)"] = .property(PropertyID(number))
    }
    resolvers["Owner.id"] = .property(PropertyID(0))
    resolvers["Owner.email"] = .property(PropertyID(1))
    return try SchemaBinding(schema: schema, resolvers: resolvers)
  }
}

/// Rows that are in memory as values.
private final class MemorySource: StepSource, @unchecked Sendable {  // immutable after initialisation
  enum Content { case greeting, items, owners }

  private let content: Content

  init(_ shape: StepSource.Shape, _ content: Content) {
    self.content = content
    super.init(name: "memory", shape: shape, isSynchronous: true)
  }

  override func begin(_ request: StepRequest) -> StepResult {
    .ready(MemoryBatch(content, slots: request.properties.map(\.index), parents: request.parentCount))
  }
}

private final class MemoryBatch: RowBatch {
  private struct Item {
    let id: String
    let name: String
    let price: Double
    let count: Int64
    let email: String
  }

  private static let items: ContiguousArray<Item> = ContiguousArray(
    (0..<50).map {
      Item(id: "item-\($0)", name: "Item number \($0)", price: Double($0) + 0.25, count: $0 * 3, email: "user\($0)@example.org")
    })

  private let content: MemorySource.Content
  private let slots: [Int]

  init(_ content: MemorySource.Content, slots: [Int], parents: Int) {
    self.content = content
    self.slots = slots
    switch content {
    case .greeting: super.init(rowCount: 1, starts: [0], ends: [1])
    case .items: super.init(rowCount: 50, starts: [0], ends: [50])
    case .owners:
      super.init(
        rowCount: parents, starts: ContiguousArray((0..<Int32(parents)).map { $0 }),
        ends: ContiguousArray((0..<Int32(parents)).map { $0 + 1 }))
    }
  }

  override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
    let items = Self.items
    switch (content, slots[slot]) {
    case (.greeting, _): output.append("\"world\"")
    case (.owners, 0): output.appendString(items[row].id)
    case (.owners, _): output.appendString(items[row].email)
    case (.items, 0): output.appendString(items[row].id)
    case (.items, 1): output.appendString(items[row].name)
    case (.items, 2): output.append("\"READY\"")
    case (.items, 3): output.append(items[row].price)
    case (.items, 4): output.append(items[row].count)
    case (.items, 5): output.append(row % 2 == 0)
    case (.items, 6): output.append("\"2026-01-01T12:00:00+00:00\"")
    default: return .null
    }
    return .written
  }
}
