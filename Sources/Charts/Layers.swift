/// The layers of a graph and the order within them. Items below the number of nodes are nodes; those above are
/// the places where long ways cross a layer.
struct Layers {
  /// How an edge runs through the layers.
  struct Way {
    /// Whether it leads back, against the direction of the layers.
    var isReversed: Bool
    /// Its places between its ends, from the edge's start to its end.
    var places: [Int]
  }

  private(set) var layerOf: [Int]
  /// For each layer its items from top to bottom.
  private(set) var order: [[Int]] = []
  private(set) var ways: [Way] = []
  /// Neighbours in the layer before and in the one after.
  private var before: [[Int]]
  private var after: [[Int]]

  var itemCount: Int { layerOf.count }

  init(_ graph: ChartGraph) {
    let count = graph.nodes.count
    let reversed = Self.backEdges(graph)
    layerOf = Self.longestPaths(graph, reversed)
    before = Array(repeating: [], count: count)
    after = Array(repeating: [], count: count)
    order = Array(repeating: [], count: (layerOf.max() ?? 0) + 1)
    // Boundary events stand where the activities that they hang on do.
    for node in 0..<count where graph.nodes[node].host == nil { order[layerOf[node]].append(node) }
    for (number, edge) in graph.anchoredEdges.enumerated() {
      guard edge.from != edge.to else {
        ways.append(Way(isReversed: false, places: []))
        continue
      }
      let (low, high) = reversed[number] ? (edge.to, edge.from) : (edge.from, edge.to)
      var places: [Int] = []
      var last = low
      for layer in stride(from: layerOf[low] + 1, to: layerOf[high], by: 1) {
        let place = layerOf.count
        layerOf.append(layer)
        before.append([last])
        after.append([])
        after[last].append(place)
        order[layer].append(place)
        places.append(place)
        last = place
      }
      after[last].append(high)
      before[high].append(last)
      ways.append(Way(isReversed: reversed[number], places: reversed[number] ? places.reversed() : places))
    }
  }

  /// Edges that close a cycle when the graph is walked from its start, without recursion: graphs come from users.
  private static func backEdges(_ graph: ChartGraph) -> [Bool] {
    var leaving: [[Int]] = Array(repeating: [], count: graph.nodes.count)
    let edges = graph.anchoredEdges
    for (number, edge) in edges.enumerated() where edge.from != edge.to { leaving[edge.from].append(number) }
    enum Mark { case unseen, open, done }
    var marks = Array(repeating: Mark.unseen, count: graph.nodes.count)
    var result = Array(repeating: false, count: graph.edges.count)
    for root in graph.nodes.indices where marks[root] == .unseen {
      var stack = [(node: root, next: 0)]
      marks[root] = .open
      while let (node, next) = stack.last {
        guard next < leaving[node].count else {
          marks[node] = .done
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let edge = leaving[node][next]
        let target = edges[edge].to
        switch marks[target] {
        case .unseen:
          marks[target] = .open
          stack.append((target, 0))
        case .open: result[edge] = true
        case .done: break
        }
      }
    }
    return result
  }

  private static func longestPaths(_ graph: ChartGraph, _ reversed: [Bool]) -> [Int] {
    var incoming = Array(repeating: 0, count: graph.nodes.count)
    var leaving: [[Int]] = Array(repeating: [], count: graph.nodes.count)
    for (number, edge) in graph.anchoredEdges.enumerated() where edge.from != edge.to {
      let (low, high) = reversed[number] ? (edge.to, edge.from) : (edge.from, edge.to)
      leaving[low].append(high)
      incoming[high] += 1
    }
    var layer = Array(repeating: 0, count: graph.nodes.count)
    var open = graph.nodes.indices.filter { incoming[$0] == 0 }
    var next = 0
    while next < open.count {
      let node = open[next]
      next += 1
      for target in leaving[node] {
        layer[target] = max(layer[target], layer[node] + 1)
        incoming[target] -= 1
        if incoming[target] == 0 { open.append(target) }
      }
    }
    return layer
  }

  // MARK: Order

  /// Sweeps forth and back, ordering each layer by the mean place of its neighbours, and keeps the best order seen.
  mutating func reduceCrossings() {
    var best = order
    var fewest = crossings
    for sweep in 0..<12 where fewest > 0 {
      let layers = sweep % 2 == 0 ? Array(order.indices.dropFirst()) : order.indices.dropLast().reversed()
      for layer in layers { sort(layer, by: sweep % 2 == 0 ? before : after) }
      let found = crossings
      if found < fewest { (fewest, best) = (found, order) }
    }
    order = best
  }

  private mutating func sort(_ layer: Int, by neighbours: [[Int]]) {
    let places = self.places
    let means = order[layer].enumerated().map { place, item in
      neighbours[item].isEmpty
        ? Double(place) : Double(neighbours[item].reduce(0) { $0 + places[$1] }) / Double(neighbours[item].count)
    }
    let sorted = order[layer].indices.sorted { (means[$0], $0) < (means[$1], $1) }
    order[layer] = sorted.map { order[layer][$0] }
  }

  private var places: [Int] {
    var places = Array(repeating: 0, count: itemCount)
    for layer in order { for (place, item) in layer.enumerated() { places[item] = place } }
    return places
  }

  var crossings: Int {
    let places = places
    var count = 0
    for layer in order {
      var targets: [Int] = []
      for item in layer {
        let ends = after[item].map { places[$0] }.sorted()
        for end in ends { count += targets.count { $0 > end } }
        targets += ends
      }
    }
    return count
  }

  // MARK: Coordinates

  /// The middle of each item on the vertical axis: neighbours in a row where there is room for it.
  func middles(height: (Int) -> Int) -> [Int] {
    var middles = Array(repeating: 0, count: itemCount)
    for layer in order {
      var top = 0
      for item in layer {
        middles[item] = top + height(item) / 2
        top += height(item) + LayeredLayout.rowGap
      }
    }
    for round in 0..<10 {
      let layers = round % 2 == 0 ? Array(order) : order.reversed()
      for layer in layers {
        let wanted = layer.map { item in
          let neighbours = round % 2 == 0 ? before[item] : after[item]
          return neighbours.isEmpty
            ? middles[item] : neighbours.reduce(0) { $0 + middles[$1] } / neighbours.count
        }
        settle(layer, wanted, &middles, height)
      }
    }
    return middles
  }

  /// Puts items as near as can be to where they want to be, in their order and without touching each other: pushed
  /// apart downwards and upwards, then the mean of both.
  private func settle(_ layer: [Int], _ wanted: [Int], _ middles: inout [Int], _ height: (Int) -> Int) {
    var down = wanted
    var up = wanted
    func distance(_ upper: Int, _ lower: Int) -> Int {
      (height(layer[upper]) + height(layer[lower])) / 2 + LayeredLayout.rowGap
    }
    for place in layer.indices.dropFirst() {
      down[place] = max(down[place], down[place - 1] + distance(place - 1, place))
    }
    for place in layer.indices.dropLast().reversed() {
      up[place] = min(up[place], up[place + 1] - distance(place, place + 1))
    }
    for place in layer.indices { middles[layer[place]] = (down[place] + up[place]) / 2 }
  }
}
