extension WorkflowChart {
  /// A task, whose own edges, if it has any, lead on.
  public struct Node: Sendable {
    public struct Edge: Sendable {
      public var target: String
      public var condition: String?
      public var isDefault: Bool

      public init(target: String, condition: String?, isDefault: Bool = false) {
        self.target = target
        self.condition = condition
        self.isDefault = isDefault
      }
    }

    /// What can happen while an item is open.
    public struct Boundary: Sendable {
      /// As it is stored.
      public var kind: String
      /// The code of the error or escalation, the delay of the timer.
      public var value: String?
      public var isInterrupting: Bool
      public var target: String

      public init(kind: String, value: String? = nil, isInterrupting: Bool = true, target: String) {
        self.kind = kind
        self.value = value
        self.isInterrupting = isInterrupting
        self.target = target
      }
    }

    public var task: String
    /// The task's type as it is stored.
    public var type: String
    public var edges: [Edge]
    public var boundaries: [Boundary] = []
    /// The signal, error code, delay, condition, called workflow: whatever goes with the type.
    public var value: String?
    public var isMultiple = false
    public var isSequential = false
    /// Of a join: `ALL` and so on.
    public var join: String?
    /// The name of what makes up for a done item.
    public var compensation: String?

    public init(task: String, type: String, edges: [Edge] = []) {
      self.task = task
      self.type = type
      self.edges = edges
    }

    private var isStart: Bool { type == "start_function" || type == "start_signal" }

    /// What the type is in BPMN, and what else it is called there.
    ///
    /// - Parameters:
    ///   - begins: whether the task begins cases and nothing leads to it.
    ///   - waits: whether all that follows waits for something to happen.
    func shape(begins: Bool, waits: Bool) -> ChartGraph.Node {
      var node = ChartGraph.Node(id: task, kind: .task, label: "")
      node.value = value
      (node.kind, node.detail) = shape
      if node.kind == .complex, waits { node.kind = .eventBased }
      node.isThrowing = ["throw_signal", "escalation", "compensation"].contains(type)
      if isStart, begins, boundaries.isEmpty, compensation == nil {
        node.kind = .start
        node.detail = type == "start_signal" ? .signal : value == nil ? nil : .timer
      }
      if !boundaries.isEmpty || compensation != nil, node.kind != .task {
        // In BPMN only activities have boundary events.
        (node.kind, node.detail) = (.task, waitsForSomebody ? .receive : type == "throw_signal" ? .send : nil)
      }
      if node.kind == .task, isMultiple || type == "multi_subprocess" {
        node.repetition = isSequential ? .sequential : .parallel
      }
      return node
    }

    private var waitsForSomebody: Bool { ["catch_call", "catch_message", "catch_signal"].contains(type) }

    /// Whether it stands behind an event-based gateway.
    var isEvent: Bool { waitsForSomebody || type == "timer" || type == "condition" }

    private var shape: (ChartGraph.Kind, ChartGraph.Detail?) {
      switch type {
      case "handler", "start_function", "start_signal": (.task, .script)
      case "job": (.task, .service)
      case "catch_call": (.task, .receive)
      case "catch_message": (.event, .message)
      case "catch_signal", "throw_signal": (.event, .signal)
      case "timer": (.event, .timer)
      case "condition": (.event, .condition)
      case "escalation": (.event, .escalation)
      case "compensation": (.event, .compensation)
      case "if", "switch": (.exclusive, nil)
      case "split": (edges.contains { $0.condition != nil || $0.isDefault } ? .inclusive : .parallel, nil)
      case "split_first": (.complex, nil)
      case "join": (join == nil || join == "ALL" || join == "PAIRED" ? .parallel : .complex, nil)
      case "end": (.end, nil)
      case "terminate_end": (.end, .terminate)
      case "error_end": (.end, .error)
      case "subprocess", "multi_subprocess": (.task, .call)
      case "obsolete": (.task, nil)
      default: (.task, .user)
      }
    }
  }
}
