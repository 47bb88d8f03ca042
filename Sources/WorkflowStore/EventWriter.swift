import Postgres
import WorkflowEngine

/// Appends events to a family's log, in one statement for up to 16 of them.
enum EventWriter {
  private static let maximum = 16

  /// A list of values costs Postgres a third of what a list out of arrays does; there is one statement for each length.
  private static let statements = (1...maximum).map(statement)

  private static func statement(_ count: Int) -> SQL {
    let rows = (0..<count).map { row in
      let own = (0..<5).map { "$\(8 + row * 5 + $0)" }
      return
        "($1, $2 - \(count - 1 - row)::bigint, \(own[0]), $3, \(own[1]), \(own[2]), \(own[3]), $4, $5, $6, $7, "
          + "\(own[4]))"
    }
    return SQL(
      """
      insert into events (family, seq, name, sender, case_id, work_item, task, actor_user, actor_group, context,
      created_at, data) values \(rows.joined(separator: ", "))
      """)
  }

  /// - Parameters:
  ///   - events: of one family, in their order.
  ///   - lastNumber: of the last of them.
  static func send(_ events: [Event], lastNumber: Int64, in transaction: Transaction) {
    guard let family = events.first?.family else { return }
    var start = 0
    while start < events.count {
      let common = events[start]
      var end = start + 1
      while end < events.count, end - start < maximum, events[end].hasCommon(with: common) { end += 1 }
      var parameters = Parameters()
      parameters.append(family.uuid)
      parameters.append(lastNumber - Int64(events.count - end))
      parameters.append(common.sender.rawValue)
      parameters.append(common.caller.user)
      parameters.append(common.caller.group)
      parameters.append(json: common.context)
      parameters.append(Timestamp(microseconds: common.time))
      for event in events[start..<end] {
        parameters.append(event.name.rawValue)
        parameters.append(event.caseID.uuid)
        parameters.append(event.workItem?.uuid)
        parameters.append(event.task)
        parameters.append(json: EventData.json(event))
      }
      transaction.send(statements[end - start - 1], parameters)
      start = end
    }
    transaction.announce(family.uuid)
  }
}

extension Event {
  /// Whether what is written once for a statement is the same.
  fileprivate func hasCommon(with other: Event) -> Bool {
    time == other.time && sender == other.sender && caller == other.caller && context == other.context
  }
}
