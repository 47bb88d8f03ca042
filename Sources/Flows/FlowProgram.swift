import WorkflowEngine

/// A flow as the engine needs it: its workflow and tasks, and what is wrong with them.
public struct FlowProgram: Sendable {
  /// A closure of a node, under the name that its task has for it.
  public struct Closure: Sendable {
    public let name: String
    public let role: DeclaredNode.Role
    public let body: any Sendable
  }

  /// Something that keeps a flow from being loaded.
  public struct Problem: Sendable, Hashable, CustomStringConvertible {
    public let place: SourcePlace
    public let message: String

    public var description: String { "\(place): \(message)" }
  }

  public let slug: String
  public let title: String
  /// Slugs of tasks.
  public let startTasks: [String]
  public let tasks: [TaskDefinition]
  /// For people, by the slug of the task.
  public let titles: [String: String]
  public let descriptions: [String: String]
  public let closures: [Closure]
  public let problems: [Problem]

  static func nodes(of flow: some Flow) -> [(name: String, node: DeclaredNode)] {
    Mirror(reflecting: flow).children.compactMap { child in
      guard let label = child.label, let node = child.value as? DeclaredNode else { return nil }
      return (label, node)
    }
  }

  public init<Declared: Flow>(_ type: Declared.Type) {
    let slug = Declared.slug
    let nodes = Self.nodes(of: Declared())
    let names = Set(nodes.map(\.name))
    var problems: [Problem] = []
    var closures: [Closure] = []
    var tasks: [TaskDefinition] = []
    var titles: [String: String] = [:]
    var descriptions: [String: String] = [:]
    var places: [String: SourcePlace] = [:]
    for (name, node) in nodes {
      let reader = NodeReader(name: name, node: node, flow: slug, known: names)
      let task = reader.task
      problems += reader.problems
      closures += reader.closures
      titles[task.slug] = node.title ?? FlowName.title(of: name)
      descriptions[task.slug] = node.summary
      if places.updateValue(node.place, forKey: task.slug) != nil {
        problems.append(Problem(place: node.place, message: "The names of two nodes make the same slug, \(task.slug)."))
      }
      tasks.append(task)
    }
    let startTasks = nodes.filter { $0.node.isStart }.map { FlowName.task($0.name, of: slug) }
    let first = nodes.first?.node.place ?? SourcePlace(#fileID, #line)
    if startTasks.isEmpty {
      problems.append(Problem(place: first, message: "\(Declared.self) has no start."))
    } else if problems.isEmpty {
      let workflow = WorkflowDefinition(slug: slug, startTasks: startTasks, flows: [])
      let found = WorkflowValidation.problems(
        of: workflow, tasks: Dictionary(tasks.map { ($0.slug, $0) }) { first, _ in first }, requiresEnds: true)
      problems = found.map { problem in
        Problem(place: problem.task.flatMap { places[$0] } ?? first, message: problem.message)
      }
    }
    self.slug = slug
    title = Declared.title
    self.startTasks = startTasks
    self.tasks = tasks
    self.titles = titles
    self.descriptions = descriptions
    self.closures = closures
    self.problems = problems
  }
}
