/// The parts of a connection, named as in Relay's cursor connections specification.
extension PlanCompiler {
  mutating func compileConnection(
    _ field: FieldCollector.Field, _ type: TypeID, _ step: Int
  ) throws(GraphQLError) -> Int {
    var compiled: [DraftField] = []
    for part in collector.collect(sets(of: field), for: type) {
      let node = part.nodes[0].node
      let coordinate = "\(schema.name(type)).\(document.name(node))"
      switch document.name(node) {
      case "__typename":
        compiled.append(
          output(part, kind: .constant(Self.json(schema.name(type))), nonNull: true, coordinate: coordinate))
      case "totalCount":
        steps[step].connection.totalCount = true
        compiled.append(output(part, kind: .totalCount, nonNull: false, coordinate: coordinate))
      case "pageInfo":
        steps[step].connection.pageInfo = true
        let selection = try compilePageInfo(part, type)
        compiled.append(output(part, kind: .pageInfo(selection: selection), nonNull: true, coordinate: coordinate))
      case "edges":
        steps[step].connection.rows = true
        let selection = try compileEdges(part, type, step)
        compiled.append(output(part, kind: .edges(selection: selection), nonNull: true, coordinate: coordinate))
      default:
        throw GraphQLError("A connection has no part \(coordinate).")
      }
    }
    selections.append(Selection(variants: [(type, append(compiled))]))
    return selections.count - 1
  }

  private func partType(_ name: String, of type: TypeID) throws(GraphQLError) -> TypeID {
    guard let id = schema.names.find(name).flatMap({ schema.field(type, $0) }) else {
      throw GraphQLError("The connection \(schema.name(type)) has no field \(name).")
    }
    return schema[id].type.named
  }

  mutating func compilePageInfo(_ field: FieldCollector.Field, _ type: TypeID) throws(GraphQLError) -> Int {
    let info = try partType("pageInfo", of: type)
    var compiled: [DraftField] = []
    for part in collector.collect(sets(of: field), for: info) {
      let name = document.name(part.nodes[0].node)
      let kind: OutputField.Kind
      switch name {
      case "hasNextPage": kind = .hasNextPage
      case "hasPreviousPage": kind = .hasPreviousPage
      case "startCursor": kind = .startCursor
      case "endCursor": kind = .endCursor
      default: kind = .constant(Self.json(schema.name(info)))
      }
      let nonNull = name.hasPrefix("has") || name.hasPrefix("__")
      compiled.append(output(part, kind: kind, nonNull: nonNull, coordinate: "PageInfo.\(name)"))
    }
    selections.append(Selection(variants: [(info, append(compiled))]))
    return selections.count - 1
  }

  mutating func compileEdges(
    _ field: FieldCollector.Field, _ type: TypeID, _ step: Int
  ) throws(GraphQLError) -> Int {
    let edge = try partType("edges", of: type)
    let node = try partType("node", of: edge)
    var compiled: [DraftField] = []
    for part in collector.collect(sets(of: field), for: edge) {
      let name = document.name(part.nodes[0].node)
      let coordinate = "\(schema.name(edge)).\(name)"
      switch name {
      case "node":
        let selection = try compileSelection(part, schema.possibleTypes(of: node), step)
        compiled.append(output(part, kind: .node(selection: selection), nonNull: false, coordinate: coordinate))
      case "cursor":
        compiled.append(output(part, kind: .cursor, nonNull: true, coordinate: coordinate))
      default:
        compiled.append(
          output(part, kind: .constant(Self.json(schema.name(edge))), nonNull: true, coordinate: coordinate))
      }
    }
    selections.append(Selection(variants: [(edge, append(compiled))]))
    return selections.count - 1
  }
}
