import Postgres
import WorkflowEngine

/// What the event log keeps of an event beside its name and caller: rows as JSON objects with the names of the
/// tables' columns, and lists of work items.
enum EventData {
  /// JSON text; nil when there is nothing to say.
  static func json(_ event: Event) -> String? {
    guard event.row != nil || !event.items.isEmpty else { return nil }
    var writer = Writer()
    switch event.row {
    case .case(let row, let parent):
      writer.object("case") { write(row, &$0) }
      if let parent { writer.object("parent") { write(parent, event.family, &$0) } }
    case .workItem(let row): writer.object("work_item") { write(row, event.family, &$0) }
    case nil: break
    }
    if !event.items.isEmpty { writer.add("items", event.items.map(\.description)) }
    return writer.finished
  }

  private static func write(_ row: Case, _ writer: inout Writer) {
    writer.add("id", row.id)
    writer.add("family", row.family)
    writer.add("workflow", row.workflow)
    writer.add("status", row.status.rawValue)
    writer.add("meta", json: row.meta)
    writer.add("document", row.document)
    if row.data != "{}" { writer.add("data", json: row.data) }
    if let artifacts = ArtifactJSON.text(row.artifacts) { writer.add("artifacts", json: artifacts) }
    if let version = row.workflowVersion { writer.add("workflow_version", version) }
    writer.add("outcome", row.outcome?.rawValue)
    writer.add("parent_item", row.parentItem)
    writer.add("error_code", row.errorCode)
    writer.add("version", row.version)
    writer.add(created: row.createdAt, row.createdByUser, row.createdByGroup)
    writer.add(modified: row.modifiedAt, row.modifiedByUser, row.modifiedByGroup)
    writer.add(closed: row.closedAt, row.closedByUser, row.closedByGroup)
  }

  private static func write(_ row: WorkItem, _ family: EntityID, _ writer: inout Writer) {
    writer.add("id", row.id)
    writer.add("family", family)
    writer.add("case_id", row.caseID)
    writer.add("task", row.task)
    writer.add("name", json: row.name)
    writer.add("description", json: row.description)
    writer.add("status", row.status.rawValue)
    writer.add("deadline", time: row.deadline)
    writer.add("meta", json: row.meta)
    writer.add("addressed_groups", row.addressedGroups)
    writer.add("controlling_groups", row.controllingGroups)
    writer.add("assigned_users", row.assignedUsers)
    writer.add("child_case", row.childCase)
    writer.add("previous_work_item", row.previousWorkItem)
    writer.add("document", row.document)
    if row.isJoined { writer.add("is_joined", json: "true") }
    if row.activation != ActivationState() { write(row.activation, &writer) }
    writer.add("version", row.version)
    writer.add(created: row.createdAt, row.createdByUser, row.createdByGroup)
    writer.add(modified: row.modifiedAt, row.modifiedByUser, row.modifiedByGroup)
    writer.add(closed: row.closedAt, row.closedByUser, row.closedByGroup)
  }

  private static func write(_ state: ActivationState, _ writer: inout Writer) {
    writer.add("iteration", Int64(state.iteration))
    if !state.token.isEmpty { writer.add("token", json: "[\(state.token.map(String.init).joined(separator: ","))]") }
    if !state.predecessors.isEmpty { writer.add("predecessors", state.predecessors.map(\.description)) }
    writer.add("closed_reason", state.closedReason?.rawValue)
    writer.add("assigned_at", time: state.assignedAt)
    writer.add("started_at", time: state.startedAt)
    writer.add("scheduled_at", time: state.scheduledAt)
    writer.add("attempts", Int64(state.attempts))
    writer.add("error_code", state.lastError?.code)
    writer.add("error_message", state.lastError?.message)
    if let data = state.data { writer.add("data", json: data) }
    writer.add("revived_from", state.revivedFrom)
    writer.add("host", state.host)
    if let boundary = state.boundary { writer.add("boundary", Int64(boundary)) }
    if state.isCompensated { writer.add("is_compensated", json: "true") }
    writer.add("correlation", state.correlation)
    writer.add("snoozed_until", time: state.snoozedUntil)
    if let artifacts = ArtifactJSON.text(state.artifacts) { writer.add("artifacts", json: artifacts) }
    writer.add("told_deadline", time: state.toldDeadline)
    writer.add("prepared_at", time: state.preparedAt)
    if !state.addedElements.isEmpty { writer.add("added_elements", state.addedElements) }
    if state.isStalled { writer.add("is_stalled", json: "true") }
  }
}

/// Writes one JSON object; members without a value are left out.
private struct Writer {
  private var bytes: ContiguousArray<UInt8> = [UInt8(ascii: "{")]

  init() { bytes.reserveCapacity(768) }

  var finished: String { String(decoding: bytes, as: UTF8.self) + "}" }

  private mutating func key(_ name: StaticString) {
    if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  mutating func object(_ name: StaticString, _ body: (inout Writer) -> Void) {
    key(name)
    bytes.append(UInt8(ascii: "{"))
    body(&self)
    bytes.append(UInt8(ascii: "}"))
  }

  mutating func add(_ name: StaticString, json text: String) {
    key(name)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func add(_ name: StaticString, _ text: String?) {
    guard let text else { return }
    key(name)
    append(text)
  }

  mutating func add(_ name: StaticString, _ id: EntityID?) { add(name, id?.description) }
  mutating func add(_ name: StaticString, _ number: Int64) { add(name, json: String(number)) }

  mutating func add(_ name: StaticString, time: Int64?) {
    guard let time else { return }
    key(name)
    bytes.append(UInt8(ascii: "\""))
    Timestamp(microseconds: time).write { bytes.append($0) }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func add(_ name: StaticString, _ texts: [String]) {
    key(name)
    bytes.append(UInt8(ascii: "["))
    for (number, text) in texts.enumerated() {
      if number > 0 { bytes.append(UInt8(ascii: ",")) }
      append(text)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  mutating func add(created time: Int64, _ user: String?, _ group: String?) {
    add("created_at", time: time)
    add("created_by_user", user)
    add("created_by_group", group)
  }

  mutating func add(modified time: Int64, _ user: String?, _ group: String?) {
    add("modified_at", time: time)
    add("modified_by_user", user)
    add("modified_by_group", group)
  }

  mutating func add(closed time: Int64?, _ user: String?, _ group: String?) {
    add("closed_at", time: time)
    add("closed_by_user", user)
    add("closed_by_group", group)
  }

  private mutating func append(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        bytes.append(contentsOf: "\\u00".utf8)
        for digit in [byte >> 4, byte & 15] {
          bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
