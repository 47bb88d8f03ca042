/// Finds what is wrong with a workflow before a case gets there.
public enum WorkflowValidation {
  public struct Problem: Hashable, Sendable {
    public enum Code: String, Sendable, CaseIterable {
      /// A task that is named does not exist.
      case unknownTarget = "UNKNOWN_TARGET"
      /// Nothing follows a node that is no end.
      case deadEnd = "DEAD_END"
      /// No end can be reached from a node.
      case noEnd = "NO_END"
      case ifWithoutElse = "IF_WITHOUT_ELSE"
      /// Fewer than two branches can come to a join.
      case joinWithoutSplit = "JOIN_WITHOUT_SPLIT"
      /// No case ever gets to a node.
      case unreachable = "UNREACHABLE"
      /// A node lacks what it is to do.
      case incomplete = "INCOMPLETE"
      /// A way leads on from an end.
      case endWithNext = "END_WITH_NEXT"
    }

    public var code: Code
    /// The slug of the task; nil for the workflow itself.
    public var task: String?
    public var message: String
  }

  /// In the order of the tasks' slugs from the start tasks on. A workflow of Caluma's tasks and flows alone has no
  /// ends: there a task without a flow ends its branch.
  ///
  /// - Parameters:
  ///   - tasks: by slug; those of other workflows do no harm.
  ///   - targets: the tasks that a flow's expression names.
  ///   - requiresEnds: whether a branch can only end at an end; otherwise only where the workflow has one.
  public static func problems(
    of workflow: WorkflowDefinition, tasks: [String: TaskDefinition],
    targets: (FlowDefinition) -> [String] = { _ in [] }, requiresEnds: Bool = false
  ) -> [Problem] {
    var graph = Graph(workflow: workflow, tasks: tasks, targets: targets)
    graph.requiresEnds = requiresEnds
    graph.walk()
    return graph.problems
  }

  private struct Graph {
    let workflow: WorkflowDefinition
    let tasks: [String: TaskDefinition]
    private var ways: [String: [String]] = [:]
    private var sources: [String: [String]] = [:]
    private var order: [String] = []
    private let own: [String]
    var requiresEnds = false
    var problems: [Problem] = []

    init(workflow: WorkflowDefinition, tasks: [String: TaskDefinition], targets: (FlowDefinition) -> [String]) {
      self.workflow = workflow
      self.tasks = tasks
      for (slug, task) in tasks {
        var next = task.node?.edges.map(\.target) ?? []
        if next.isEmpty, let flow = workflow.flow(of: slug) { next = targets(flow) }
        ways[slug] = next + (task.node?.boundaries.map(\.target) ?? [])
      }
      let prefix = "\(workflow.slug)-"
      // Tasks of a flow in Swift belong to it; of others nobody knows whose they are.
      own = tasks.keys.filter { $0.hasPrefix(prefix) && tasks[$0]?.node != nil }.sorted()
    }

    mutating func add(_ code: Problem.Code, _ task: String?, _ message: String) {
      problems.append(Problem(code: code, task: task, message: message))
    }

    mutating func walk() {
      if workflow.startTasks.isEmpty { add(.incomplete, nil, "The workflow has no start task.") }
      var pending = Array(workflow.startTasks.reversed())
      var seen: Set<String> = []
      while let slug = pending.popLast() {
        guard seen.insert(slug).inserted else { continue }
        guard tasks[slug] != nil else {
          add(.unknownTarget, sources[slug]?.first, "The task \(slug) does not exist.")
          continue
        }
        order.append(slug)
        for next in ways[slug] ?? [] { sources[next, default: []].append(slug) }
        pending += (ways[slug] ?? []).reversed()
      }
      let isTyped = requiresEnds || order.contains { tasks[$0]?.type.isEnd == true }
      let ending = reachEnd()
      for slug in order {
        guard let task = tasks[slug] else { continue }
        check(slug, task, isTyped: isTyped)
        if isTyped, !(ways[slug] ?? []).isEmpty, !ending.contains(slug) {
          add(.noEnd, slug, "From \(slug) no end can be reached.")
        }
      }
      for slug in own where !seen.contains(slug) { add(.unreachable, slug, "No way leads to \(slug).") }
    }

    /// The tasks from which an end can be reached.
    private func reachEnd() -> Set<String> {
      var found = Set(order.filter { tasks[$0]?.type.isEnd == true || (ways[$0] ?? []).isEmpty })
      var pending = Array(found)
      while let slug = pending.popLast() {
        for source in sources[slug] ?? [] where found.insert(source).inserted { pending.append(source) }
      }
      return found
    }

    private mutating func check(_ slug: String, _ task: TaskDefinition, isTyped: Bool) {
      let edges = task.node?.edges ?? []
      let hasNext = !edges.isEmpty || workflow.flow(of: slug) != nil
      if task.type.isEnd {
        if hasNext { add(.endWithNext, slug, "\(slug) is an end: nothing can follow it.") }
        return
      }
      if !hasNext, isTyped || !task.type.isHuman, task.type != .obsolete {
        add(.deadEnd, slug, "Nothing follows \(slug), and it is no end.")
      }
      switch task.type {
      case .if:
        if !edges.contains(where: \.isDefault) { add(.ifWithoutElse, slug, "The if \(slug) has no else.") }
        if hasNext, !edges.contains(where: { !$0.isDefault }) { add(.incomplete, slug, "The if \(slug) has no then.") }
      case .join:
        if !isSplitBefore(slug) { add(.joinWithoutSplit, slug, "No split leads to the join \(slug).") }
      case .handler, .job:
        if task.node?.handler == nil { add(.incomplete, slug, "\(slug) has no handler.") }
      case .timer:
        if task.node?.delay == nil { add(.incomplete, slug, "The timer \(slug) does not say when it is due.") }
      case .startFunction:
        if case .expression? = task.node?.delay {
          add(
            .incomplete, slug,
            "The clock of \(slug) needs its seconds as a number: there is no case yet to evaluate for.")
        }
      case .condition:
        if task.node?.condition == nil && task.node?.conditionClosure == nil {
          add(.incomplete, slug, "\(slug) does not say what it waits for.")
        }
      case .subprocess, .multiSubprocess:
        if task.node?.subprocess == nil { add(.incomplete, slug, "\(slug) does not say what it starts.") }
        if task.type == .multiSubprocess, task.node?.subprocess?.items == nil {
          add(.incomplete, slug, "\(slug) does not say for what it starts cases.")
        }
      default: break
      }
      for boundary in task.node?.boundaries ?? [] where boundary.kind == .timer && boundary.delay == nil {
        add(.incomplete, slug, "A timeout of \(slug) does not say when it is due.")
      }
    }

    /// Whether more than one token can come to a task.
    private func isSplitBefore(_ slug: String) -> Bool {
      if workflow.startTasks.count > 1 { return true }
      var seen: Set<String> = []
      var pending = sources[slug] ?? []
      while let source = pending.popLast() {
        guard seen.insert(source).inserted else { continue }
        if let task = tasks[source] {
          if task.type.isSplit || task.isMultipleInstance { return true }
          if task.node?.edges.contains(where: { $0.items != nil }) == true { return true }
          if task.node?.boundaries.contains(where: { !$0.isInterrupting }) == true { return true }
          let isChoice = task.type == .if || task.type == .switch
          if !isChoice, Set(ways[source] ?? []).count > 1 { return true }
        }
        pending += sources[source] ?? []
      }
      return false
    }
  }
}
