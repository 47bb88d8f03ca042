import Expressions
import Postgres
import WorkflowEngine
import WorkflowStore

/// What a hook is told: the object, what moved, and who moved it.
///
/// The case and the work item are as they were at the event. Before a creation they are what is about to be inserted.
public struct HookCall: Sendable {
  /// Where a work item came from and where it is.
  public struct Transition: Sendable, Hashable {
    /// The task of the work item before; nil where a case begins.
    public var source: String?
    public var destination: String
    /// The user who caused it; nil for an anonymous one.
    public var transactioner: String?
  }

  public internal(set) var hook: EntityID
  public internal(set) var name: String
  /// The same in every attempt; nil in the mutation's transaction.
  public internal(set) var delivery: EntityID?
  /// Counts from 1.
  public internal(set) var attempt: Int
  /// Sent by `testHook`: what the function writes is undone.
  public internal(set) var isTest: Bool
  public let event: EventName
  /// The mutation that the client sent.
  public let sender: Operation
  /// The event's number in its family.
  public let sequence: Int64
  /// Microseconds since 1970.
  public let time: Int64
  public let user: String?
  public let group: String?
  /// The client's `context`.
  public let context: JSON
  public let `case`: Case
  /// The item of the event, for events of work items.
  public let workItem: WorkItem?
  /// For events of the creation of work items.
  public let transition: Transition?

  /// The case: what django-river calls the workflow object.
  public var object: Case { `case` }
  /// The slug of the task that moved.
  public var task: String? { workItem?.task }
}

extension HookCall {
  init?(_ event: EventView, sequence: Int64, context: JSON, state: FamilyState) {
    guard let found = event.case else { return nil }
    (hook, name, delivery, attempt, isTest) = (EntityID(high: 0, low: 0), "", nil, 1, false)
    self.event = event.name
    sender = event.sender
    self.sequence = sequence
    time = event.event.time
    user = event.user
    group = event.group
    self.context = context
    `case` = found
    workItem = event.workItem
    switch event.name {
    case .preCreateWorkItem, .postCreateWorkItem:
      transition = event.workItem.map { item in
        Transition(
          source: item.previousWorkItem.flatMap { state.workItem($0) }?.task, destination: item.task,
          transactioner: event.user)
      }
    default: transition = nil
    }
  }

  /// A call that stands for no event: the case and its latest work item as they are.
  init(testing hook: Hook, case found: Case, workItem: WorkItem?, source: String?, caller: Caller, now: Int64) {
    (self.hook, name, delivery, attempt, isTest) = (hook.id, hook.name, nil, 1, true)
    event = hook.event
    sender = .completeWorkItem
    sequence = 0
    time = now
    user = caller.user
    group = caller.group
    context = .null
    `case` = found
    self.workItem = workItem
    transition =
      hook.trigger == .transition
      ? workItem.map { Transition(source: source, destination: $0.task, transactioner: caller.user) } : nil
  }
}

// MARK: As JSON

extension HookCall {
  /// The names that filters know.
  static let names: Set<String> = [
    "event", "sender", "sequence", "time", "user", "group", "context", "family", "case", "workItem", "transition",
  ]

  /// What filters look at, the outbox stores and webhooks send.
  var json: JSON {
    JSON.object([
      .init(key: "event", value: .string(event.rawValue)),
      .init(key: "sender", value: .string(sender.rawValue)),
      .init(key: "family", value: .string(`case`.family.description)),
      .init(key: "sequence", value: .int(sequence)),
      .init(key: "time", value: .time(time)),
      .init(key: "user", value: .text(user)),
      .init(key: "group", value: .text(group)),
      .init(key: "context", value: context),
      .init(key: "case", value: `case`.json),
      .init(key: "workItem", value: workItem?.json ?? .null),
      .init(
        key: "transition",
        value: transition.map { transition in
          .object([
            .init(key: "source", value: .text(transition.source)),
            .init(key: "destination", value: .string(transition.destination)),
            .init(key: "transactioner", value: .text(transition.transactioner)),
          ])
        } ?? .null),
    ])
  }

  /// Of a stored payload; nil for what this version cannot read.
  init?(payload: String, hook: Hook, delivery: HookDelivery) {
    guard let json = JSON(json: payload), let event = json["event"]?.text.flatMap(EventName.init(rawValue:)),
      let sender = json["sender"]?.text.flatMap(Operation.init(rawValue:)),
      let found = json["case"].flatMap(Case.init(json:))
    else { return nil }
    (self.hook, name, self.delivery) = (hook.id, hook.name, delivery.id)
    attempt = Int(delivery.attempts)
    isTest = delivery.sequence == nil
    self.event = event
    self.sender = sender
    sequence = delivery.sequence ?? 0
    time = json["time"]?.time ?? 0
    user = json["user"]?.text
    group = json["group"]?.text
    context = json["context"] ?? .null
    `case` = found
    workItem = json["workItem"].flatMap { WorkItem(json: $0, caseID: found.id) }
    let moved = json["transition"] ?? .null
    transition = moved["destination"]?.text.map {
      Transition(source: moved["source"]?.text, destination: $0, transactioner: moved["transactioner"]?.text)
    }
  }
}

extension Case {
  fileprivate var json: JSON {
    .object([
      .init(key: "id", value: .string(id.description)),
      .init(key: "family", value: .string(family.description)),
      .init(key: "workflow", value: .string(workflow)),
      .init(key: "status", value: .string(status.rawValue)),
      .init(key: "closedAt", value: .time(closedAt)),
      .init(key: "closedByUser", value: .text(closedByUser)),
      .init(key: "closedByGroup", value: .text(closedByGroup)),
      .init(key: "meta", value: JSON(json: meta) ?? .null),
      .init(key: "document", value: .text(document?.description)),
      .init(key: "version", value: .int(version)),
      .init(key: "createdAt", value: .time(createdAt)),
      .init(key: "modifiedAt", value: .time(modifiedAt)),
      .init(key: "createdByUser", value: .text(createdByUser)),
      .init(key: "createdByGroup", value: .text(createdByGroup)),
      .init(key: "modifiedByUser", value: .text(modifiedByUser)),
      .init(key: "modifiedByGroup", value: .text(modifiedByGroup)),
    ])
  }

  fileprivate init?(json: JSON) {
    guard let id = json["id"]?.text.flatMap({ EntityID($0) }),
      let family = json["family"]?.text.flatMap({ EntityID($0) }),
      let workflow = json["workflow"]?.text, let status = json["status"]?.text.flatMap(CaseStatus.init(rawValue:))
    else { return nil }
    self.init(
      id: id, family: family, workflow: workflow, status: status, closedAt: json["closedAt"]?.time,
      closedByUser: json["closedByUser"]?.text, closedByGroup: json["closedByGroup"]?.text,
      meta: json["meta"]?.json ?? "{}", document: json["document"]?.text.flatMap { EntityID($0) },
      version: json["version"]?.integer ?? 1, createdAt: json["createdAt"]?.time ?? 0,
      modifiedAt: json["modifiedAt"]?.time ?? 0, createdByUser: json["createdByUser"]?.text,
      createdByGroup: json["createdByGroup"]?.text, modifiedByUser: json["modifiedByUser"]?.text,
      modifiedByGroup: json["modifiedByGroup"]?.text)
  }
}

extension WorkItem {
  fileprivate var json: JSON {
    .object([
      .init(key: "id", value: .string(id.description)),
      .init(key: "task", value: .string(task)),
      .init(key: "name", value: JSON(json: name) ?? .null),
      .init(key: "description", value: JSON(json: description) ?? .null),
      .init(key: "status", value: .string(status.rawValue)),
      .init(key: "closedAt", value: .time(closedAt)),
      .init(key: "closedByUser", value: .text(closedByUser)),
      .init(key: "closedByGroup", value: .text(closedByGroup)),
      .init(key: "deadline", value: .time(deadline)),
      .init(key: "meta", value: JSON(json: meta) ?? .null),
      .init(key: "addressedGroups", value: .array(addressedGroups.map(JSON.string))),
      .init(key: "controllingGroups", value: .array(controllingGroups.map(JSON.string))),
      .init(key: "assignedUsers", value: .array(assignedUsers.map(JSON.string))),
      .init(key: "childCase", value: .text(childCase?.description)),
      .init(key: "previousWorkItem", value: .text(previousWorkItem?.description)),
      .init(key: "document", value: .text(document?.description)),
      .init(key: "version", value: .int(version)),
      .init(key: "createdAt", value: .time(createdAt)),
      .init(key: "modifiedAt", value: .time(modifiedAt)),
      .init(key: "createdByUser", value: .text(createdByUser)),
      .init(key: "createdByGroup", value: .text(createdByGroup)),
      .init(key: "modifiedByUser", value: .text(modifiedByUser)),
      .init(key: "modifiedByGroup", value: .text(modifiedByGroup)),
    ])
  }

  fileprivate init?(json: JSON, caseID: EntityID) {
    guard let id = json["id"]?.text.flatMap({ EntityID($0) }), let task = json["task"]?.text,
      let status = json["status"]?.text.flatMap(WorkItemStatus.init(rawValue:))
    else { return nil }
    self.init(
      id: id, caseID: caseID, task: task, name: json["name"]?.json ?? "{}",
      description: json["description"]?.json ?? "{}", status: status, closedAt: json["closedAt"]?.time,
      closedByUser: json["closedByUser"]?.text, closedByGroup: json["closedByGroup"]?.text,
      deadline: json["deadline"]?.time, meta: json["meta"]?.json ?? "{}",
      addressedGroups: json["addressedGroups"]?.texts ?? [], controllingGroups: json["controllingGroups"]?.texts ?? [],
      assignedUsers: json["assignedUsers"]?.texts ?? [], childCase: json["childCase"]?.text.flatMap { EntityID($0) },
      previousWorkItem: json["previousWorkItem"]?.text.flatMap { EntityID($0) },
      document: json["document"]?.text.flatMap { EntityID($0) }, version: json["version"]?.integer ?? 1,
      createdAt: json["createdAt"]?.time ?? 0, modifiedAt: json["modifiedAt"]?.time ?? 0,
      createdByUser: json["createdByUser"]?.text, createdByGroup: json["createdByGroup"]?.text,
      modifiedByUser: json["modifiedByUser"]?.text, modifiedByGroup: json["modifiedByGroup"]?.text)
  }
}

extension JSON {
  static func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
  /// In ISO 8601.
  fileprivate static func time(_ microseconds: Int64?) -> JSON {
    .text(microseconds.map { Timestamp(microseconds: $0).text })
  }

  fileprivate var time: Int64? { text.flatMap { Timestamp($0) }?.microseconds }

  fileprivate var integer: Int64? {
    if case .int(let value) = self { return value }
    return nil
  }
}
