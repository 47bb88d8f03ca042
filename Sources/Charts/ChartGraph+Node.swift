extension ChartGraph {
  /// What an activity or event is, in the terms of BPMN 2.0. Not every detail goes with every kind.
  public enum Detail: String, Sendable, CaseIterable {
    /// Activities.
    case user, service, script, send, receive, call
    /// Events.
    case timer, message, signal, condition, error, escalation, compensation, terminate
  }

  /// An activity that is there several times.
  public enum Repetition: String, Sendable, CaseIterable {
    case parallel, sequential
  }

  public struct Node: Equatable, Sendable {
    /// Unique within the graph: the slug of a task, a made-up name otherwise.
    public var id: String
    public var kind: Kind
    public var label: String
    /// Nil in the chart of a workflow, and for tasks that a case has not reached.
    public var state: State?
    /// How many work items of the task a case has.
    public var count: Int
    /// Nil for what is nothing in particular, or not for the reader.
    public var detail: Detail?
    /// The name of a signal or message, the code of an error or escalation, the delay of a timer, a condition, the
    /// workflow that is called: whatever goes with the detail.
    public var value: String?
    public var repetition: Repetition?
    /// Of a boundary event: the place of the activity that it hangs on.
    public var host: Int?
    /// Of a boundary event: whether the activity is canceled.
    public var isInterrupting = true
    /// Of an event between start and end: whether it tells something, instead of waiting for it.
    public var isThrowing = false
    /// Whether the activity is only done to make up for another one.
    public var isForCompensation = false
    /// Whether a case has items of the task, but its version of the workflow has no such task any more.
    public var isObsolete = false

    public init(
      id: String, kind: Kind, label: String, state: State? = nil, count: Int = 0, detail: Detail? = nil
    ) {
      self.id = id
      self.kind = kind
      self.label = label
      self.state = state
      self.count = count
      self.detail = detail
    }
  }

  public struct Edge: Equatable, Sendable {
    /// Places in `nodes`.
    public var from: Int
    public var to: Int
    /// When this way is taken; nil for always.
    public var condition: String?
    /// Whether this way is taken when no other one is.
    public var isDefault = false
    /// Whether this is no way at all: it leads from the event to what makes up for an activity.
    public var isAssociation = false

    public init(
      from: Int, to: Int, condition: String? = nil, isDefault: Bool = false, isAssociation: Bool = false
    ) {
      self.from = from
      self.to = to
      self.condition = condition
      self.isDefault = isDefault
      self.isAssociation = isAssociation
    }
  }
}
