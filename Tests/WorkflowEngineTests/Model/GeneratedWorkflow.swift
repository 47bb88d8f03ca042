import WorkflowEngine

/// A workflow of splits, joins and sequences with up to eight tasks, made from a number.
struct GeneratedWorkflow: CustomStringConvertible {
  private(set) var taskCount: Int
  private(set) var start: [Int]
  private(set) var flows: [(from: [Int], next: [Int])] = []
  /// From a task to those that can be redone while it is ready.
  private(set) var redoable: [Int: [Int]] = [:]
  /// The task that has an item for each of two groups.
  private(set) var multiple: Int?
  /// Whether the last tasks lead back to the first ones.
  let isLoop: Bool

  static let groups = ["x", "y"]

  /// - Parameters:
  ///   - tasks: how many tasks there are at most.
  ///   - groups: whether a task may have an item for each of two groups.
  ///   - loops: whether the last layer leads back to the first one.
  init(random: inout RandomNumbers, tasks: Int = 8, groups: Bool = true, loops: Bool = false) {
    let limit = 2 + random.next(tasks - 1)
    // Layers: each is entered from all of the layer before it, through one join, or branch by branch.
    var width = 1 + random.next(min(3, limit))
    var layer = Array(0..<width)
    taskCount = width
    start = layer
    while taskCount < limit {
      width = min(1 + random.next(3), limit - taskCount)
      let following = Array(taskCount..<taskCount + width)
      taskCount += width
      switch random.next(3) {
      case 0 where layer.count == following.count:
        for (from, to) in zip(layer, following) { flows.append(([from], [to])) }
      case 1 where layer.count > 1:
        // The first branch ends on its own.
        flows.append((Array(layer.dropFirst()), following))
      default:
        flows.append((layer, following))
      }
      for task in following { redoable[task] = layer }
      layer = following
    }
    if random.next(3) == 0, groups { multiple = random.next(taskCount) }
    isLoop = loops
    if loops { flows.append((layer, start)) }
  }

  var description: String { "start \(start), flows \(flows), two groups \(multiple.map { "\($0)" } ?? "none")" }

  static func slug(_ task: Int) -> String { "t\(task)" }

  /// The expression that gives the tasks.
  static func expression(_ tasks: [Int]) -> String {
    "[" + tasks.map { "'\(slug($0))'" }.joined(separator: ", ") + "]|tasks"
  }

  /// How many items a task has at once.
  func width(_ task: Int) -> Int { task == multiple ? Self.groups.count : 1 }

  /// What the flows and the redoable tasks say.
  var expressions: [(tasks: [Int], text: String)] {
    (flows.map(\.next) + redoable.values).map { ($0, Self.expression($0)) }
  }

  /// The ways to rename tasks that leave the workflow as it is: families that only differ by one of these can do the
  /// same. Each maps a task to a task.
  var symmetries: [[Int]] {
    var found: [[Int]] = []
    func extend(_ partial: [Int]) {
      guard partial.count < taskCount else {
        if isSymmetry(partial) { found.append(partial) }
        return
      }
      let task = partial.count
      for image in 0..<taskCount where !partial.contains(image) && isAlike(task, image) { extend(partial + [image]) }
    }
    extend([])
    return found
  }

  /// What a renaming has to keep of each task by itself; cuts the search short.
  private func isAlike(_ left: Int, _ right: Int) -> Bool {
    func traits(_ task: Int) -> [Int] {
      [
        start.contains(task) ? 1 : 0, task == multiple ? 1 : 0, redoable[task]?.min() ?? -1, redoable[task]?.count ?? 0,
        flows.first { $0.from.contains(task) }?.from.count ?? 0,
        flows.first { $0.next.contains(task) }?.next.count ?? 0,
      ]
    }
    return traits(left) == traits(right)
  }

  private func isSymmetry(_ image: [Int]) -> Bool {
    func renamed(_ tasks: [Int]) -> [Int] { tasks.map { image[$0] }.sorted() }
    let ways = Set(flows.map { [$0.from.sorted(), $0.next.sorted()] })
    return flows.allSatisfy { ways.contains([renamed($0.from), renamed($0.next)]) }
      && redoable.allSatisfy { renamed($1) == redoable[image[$0]]?.sorted() }
  }
}

extension Bench {
  init(_ workflow: GeneratedWorkflow) {
    let redoable = workflow.redoable.map { (GeneratedWorkflow.slug($0), GeneratedWorkflow.expression($1)) }
    let multiple = workflow.multiple.map {
      TaskDefinition(slug: GeneratedWorkflow.slug($0), isMultipleInstance: true, addressGroups: "['x', 'y']")
    }
    self.init(
      start: workflow.start.map(GeneratedWorkflow.slug),
      flows: workflow.flows.map { ($0.from.map(GeneratedWorkflow.slug), GeneratedWorkflow.expression($0.next)) },
      redoable: Dictionary(uniqueKeysWithValues: redoable), tasks: multiple.map { [$0] } ?? [])
  }
}
