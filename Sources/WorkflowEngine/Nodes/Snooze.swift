/// `snoozeWorkItem` and `unsnoozeWorkItem`.
extension Execution {
  /// Lays an item aside until a moment. It stays as it is, but is not in anybody's way.
  mutating func snooze(_ id: EntityID, until moment: Int64, _ beat: Beat) throws(EngineError) -> Step? {
    let item = try requireWorkItem(id)
    guard item.status == .ready, status(ofCase: item.caseID) == .running else {
      throw .state("Only ready work items of running cases can be snoozed.")
    }
    guard moment > now else { throw EngineError(.input, "The moment until which a work item is snoozed has passed.") }
    try requireAccess(.start, item)
    guard beat == .change else {
      push(.operate(.snoozeWorkItem(id, until: moment), .change))
      return event(.preSnoozeWorkItem, workItem: id)
    }
    push(.tell(.postSnoozeWorkItem, id))
    return change(workItem: id) { $0.activation.snoozedUntil = moment }
  }

  /// Takes a snoozed item up again.
  ///
  /// - Parameter isDue: only if its moment has come.
  mutating func unsnooze(_ id: EntityID, isDue: Bool, _ beat: Beat) throws(EngineError) -> Step? {
    let item = try requireWorkItem(id)
    guard let moment = item.activation.snoozedUntil, !isDue || moment <= now else {
      throw .state("The work item is not snoozed.")
    }
    if !isDue { try requireAccess(.start, item) }
    guard beat == .change else {
      push(.operate(.unsnoozeWorkItem(id, isDue: isDue), .change))
      return event(.preUnsnoozeWorkItem, workItem: id)
    }
    push(.tell(.postUnsnoozeWorkItem, id))
    return change(workItem: id) { $0.activation.snoozedUntil = nil }
  }
}
