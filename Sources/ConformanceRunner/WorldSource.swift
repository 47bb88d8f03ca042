import GraphQL

/// The rows of one field of a made-up world.
final class WorldSource: StepSource, @unchecked Sendable {  // immutable after initialisation
  private let world: World
  private let coordinate: String
  private let type: TypeReference

  init(_ world: World, _ coordinate: String, _ type: TypeReference, _ shape: Shape) {
    self.world = world
    self.coordinate = coordinate
    self.type = type
    super.init(name: coordinate, shape: shape, isSynchronous: true)
  }

  override func begin(_ request: StepRequest) -> StepResult {
    let arguments = World.text(request.arguments)
    guard !world.fails(coordinate, arguments) else { return .failed(GraphQLError("\(coordinate) failed.")) }
    let parents = (request.parents as? Batch)?.objects ?? [world.root]
    let isLeaf = world.schema.kind(type.named).isLeaf
    var objects: [UInt64] = []
    var starts = ContiguousArray<Int32>()
    var ends = ContiguousArray<Int32>()
    for parent in parents {
      let outcome = world.outcome(of: parent, coordinate, arguments)
      let start = Int32(objects.count)
      let isNull = !isLeaf && World.chance(outcome) < 12
      if !isNull {
        if shape == .list {
          for index in 0..<(outcome % 4) { objects.append(World.digest("\(outcome)|\(index)")) }
        } else {
          objects.append(outcome)
        }
      }
      starts.append(isNull && shape == .list ? RowBatch.nullList : start)
      ends.append(isNull && shape == .list ? RowBatch.nullList : Int32(objects.count))
    }
    return .ready(Batch(world, objects, starts, ends, isLeaf ? nil : request.properties, type))
  }

  final class Batch: RowBatch {
    let objects: [UInt64]
    private let world: World
    /// What is read of objects; nil for leaves, whose rows are their outcomes.
    private let properties: [PropertyID]?
    private let type: TypeReference

    init(
      _ world: World, _ objects: [UInt64], _ starts: ContiguousArray<Int32>, _ ends: ContiguousArray<Int32>,
      _ properties: [PropertyID]?, _ type: TypeReference
    ) {
      self.world = world
      self.objects = objects
      self.properties = properties
      self.type = type
      super.init(rowCount: objects.count, starts: starts, ends: ends)
    }

    override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
      guard let properties else { return world.write(objects[row], type, into: output) }
      let number = properties[slot].index
      let field = world.schema.fields[number]
      let owner = world.schema.name(world.concrete(objects[row], type.named))
      let coordinate = "\(owner).\(world.schema.names.string(field.name))"
      return world.write(world.outcome(of: objects[row], coordinate, ""), field.type, into: output)
    }

    override func concreteType(ofRow row: Int) -> TypeID? { world.concrete(objects[row], type.named) }
  }
}
