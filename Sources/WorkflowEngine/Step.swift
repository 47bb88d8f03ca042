/// One step of a command.
public enum Step: Sendable, Equatable {
  /// Tell the receivers; they may change the execution's state before the next step.
  case emit(Event)
  /// A row was changed in the execution's state and has to be stored.
  case change(Change)
  /// Call the handler, then put how it ended into the execution's `handlerOutcome` before the next step. What the
  /// handler changed in the family has to be in the execution's `state` by then, unless it failed.
  case call(HandlerCall)
  /// Store the work. An item has at most one: a later one takes its place.
  case schedule(ScheduledWork)
  /// Bring signals and messages of other families to the item while it waits; `unschedule` ends it.
  case listen(SignalListener)
  /// The item is not to be reached any more by its work, or by what it listens for.
  case unschedule(EntityID)
  /// Send the signal to other families once the command is committed.
  case broadcast(SignalThrow)
}
