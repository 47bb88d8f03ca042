/// Where the nodes and ways of a graph stand in a picture that reads from left to right.
///
/// Layered drawing after Sugiyama, Tagawa and Toda (1981): cycles are broken, every node gets a layer behind those
/// of its predecessors, long ways get a place in each layer they cross, the order within layers is improved until ways
/// cross less, and places are pulled towards their neighbours. The same graph always gives the same picture.
public struct LayeredLayout: Equatable, Sendable {
  public struct Point: Equatable, Sendable {
    public var x: Int
    public var y: Int
  }

  /// Top left corner and size, in pixels.
  public struct Box: Equatable, Sendable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int

    var middle: Int { y + height / 2 }
    var right: Int { x + width }
  }

  /// One for each node of the graph.
  public private(set) var boxes: [Box] = []
  /// One for each edge of the graph: the corners of a line of horizontal and vertical pieces.
  public private(set) var lines: [[Point]] = []
  public private(set) var width = 0
  public private(set) var height = 0

  static let margin = 20
  static let rowGap = 30
  /// Between the ways that leave the events at one border.
  static let drop = 8
  /// Where a way turns, behind the node or layer that it leaves.
  private static let turn = 25
  /// Between layers; conditions need room to be read.
  private let layerGap: Int

  public init(_ graph: ChartGraph) {
    layerGap = graph.edges.contains { $0.condition != nil } ? 120 : 60
    guard !graph.nodes.isEmpty else {
      (width, height) = (2 * Self.margin, 2 * Self.margin)
      return
    }
    var layers = Layers(graph)
    layers.reduceCrossings()
    place(graph, layers)
  }

  static func size(_ kind: ChartGraph.Kind) -> (width: Int, height: Int) {
    switch kind {
    case .task: (150, 60)
    case .start, .end, .event, .boundary: (36, 36)
    case .exclusive, .parallel, .inclusive, .complex, .eventBased: (44, 44)
    }
  }

  private mutating func place(_ graph: ChartGraph, _ layers: Layers) {
    func size(_ item: Int) -> (width: Int, height: Int) {
      item < graph.nodes.count ? Self.size(graph.nodes[item].kind) : (0, 10)
    }
    let hanging = Dictionary(grouping: graph.nodes.indices.filter { graph.nodes[$0].host != nil }) {
      graph.nodes[$0].host ?? 0
    }
    /// With the room for what hangs at the lower border, and for the ways that leave from there.
    func room(_ item: Int) -> Int {
      let count = hanging[item]?.count ?? 0
      return size(item).height + (count == 0 ? 0 : 2 * (Self.size(.boundary).height / 2 + Self.drop * count))
    }
    var middles = layers.middles(height: room)
    let lowest = layers.order.joined().map { middles[$0] - room($0) / 2 }.min() ?? 0
    for item in 0..<layers.itemCount { middles[item] += Self.margin - lowest }
    var left = Self.margin
    var columns: [(left: Int, width: Int)] = []
    for layer in layers.order {
      let width = layer.map { size($0).width }.max() ?? 0
      columns.append((left, width))
      left += width + layerGap
    }
    boxes = graph.nodes.indices.map { node in
      let (width, height) = size(node)
      let column = columns[layers.layerOf[node]]
      return Box(
        x: column.left + (column.width - width) / 2, y: middles[node] - height / 2, width: width, height: height)
    }
    for (host, events) in hanging {
      for (number, event) in events.enumerated() { boxes[event] = hang(number, of: events.count, on: boxes[host]) }
    }
    var bottom = boxes.map { $0.y + $0.height }.max() ?? 0
    let ends = graph.anchoredEdges
    lines = graph.edges.indices.map { edge in
      let leaving = graph.edges[edge].from
      let place = graph.nodes[leaving].host.flatMap { hanging[$0]?.firstIndex(of: leaving) }
      let exit = place.map { Exit(event: boxes[leaving], host: boxes[ends[edge].from], number: $0) }
      return line(ends[edge], exit, layers.ways[edge], middles, columns, layers, &bottom)
    }
    width = (boxes.map(\.right).max() ?? 0) + Self.margin
    for point in lines.joined() {
      bottom = max(bottom, point.y)
      width = max(width, point.x + Self.margin)
    }
    height = bottom + Self.margin
  }

  /// Events at the lower border of an activity, side by side; they move together when there are many.
  private func hang(_ number: Int, of count: Int, on host: Box) -> Box {
    let (width, height) = Self.size(.boundary)
    let step = min(width + 6, max(1, (host.width - width - 16) / max(1, count - 1)))
    return Box(
      x: host.right - 8 - width - step * (count - 1 - number), y: host.y + host.height - height / 2, width: width,
      height: height)
  }

  /// How a way leaves an event at the border of an activity: downwards, then to the right below the others.
  private struct Exit {
    var event: Box
    var host: Box
    var number: Int

    var points: [Point] {
      let (x, y) = (event.x + event.width / 2, event.y + event.height)
      let below = y + LayeredLayout.drop * (number + 1) - 2
      return [Point(x: x, y: y), Point(x: x, y: below), Point(x: host.right + 15, y: below)]
    }
  }

  /// From the right side of one node to the left side of another, through the places it has in the layers between.
  private func line(
    _ edge: (from: Int, to: Int), _ exit: Exit?, _ way: Layers.Way, _ middles: [Int],
    _ columns: [(left: Int, width: Int)],
    _ layers: Layers, _ bottom: inout Int
  ) -> [Point] {
    let (from, to) = (boxes[edge.from], boxes[edge.to])
    if edge.from == edge.to {
      let below = exit?.points.last?.y ?? from.y + from.height + Self.rowGap / 2
      bottom = max(bottom, below)
      let leaving =
        exit?.points.dropLast() ?? [
          Point(x: from.right, y: from.middle), Point(x: from.right + 15, y: from.middle),
          Point(x: from.right + 15, y: below),
        ]
      return leaving + [
        Point(x: from.x - 15, y: below), Point(x: from.x - 15, y: from.middle), Point(x: from.x, y: from.middle),
      ]
    }
    let leaving = exit?.points ?? [Point(x: from.right, y: from.middle)]
    var stops: [Point] = []
    for place in way.places {
      let column = columns[layers.layerOf[place]]
      let ends = [Point(x: column.left, y: middles[place]), Point(x: column.left + column.width, y: middles[place])]
      stops += way.isReversed ? ends.reversed() : ends
    }
    if way.isReversed {
      // Leaves to the right and comes in from the left, around what lies between.
      stops.insert(Point(x: from.right + 15, y: stops.first?.y ?? from.y + from.height + Self.rowGap / 2), at: 0)
      stops.append(Point(x: to.x - 15, y: stops.last?.y ?? to.y))
      stops = leaving + (exit == nil ? [Point(x: from.right + 15, y: from.middle)] : []) + stops
      stops += [Point(x: to.x - 15, y: to.middle), Point(x: to.x, y: to.middle)]
      bottom = max(bottom, stops.map(\.y).max() ?? 0)
    } else {
      stops = leaving + stops + [Point(x: to.x, y: to.middle)]
    }
    return Self.rectangular(stops)
  }

  /// Replaces slanted pieces by a horizontal, a vertical and a horizontal one, and drops corners on a line.
  private static func rectangular(_ stops: [Point]) -> [Point] {
    var points: [Point] = []
    for stop in stops {
      if let last = points.last, last.x != stop.x, last.y != stop.y {
        let turn = stop.x > last.x ? min(last.x + turn, stop.x) : stop.x
        points.append(Point(x: turn, y: last.y))
        points.append(Point(x: turn, y: stop.y))
      }
      points.append(stop)
    }
    var result: [Point] = []
    for point in points where result.last != point {
      if result.count > 1 {
        let (a, b) = (result[result.count - 2], result[result.count - 1])
        if (a.x == b.x && b.x == point.x) || (a.y == b.y && b.y == point.y) { result.removeLast() }
      }
      result.append(point)
    }
    return result
  }
}
