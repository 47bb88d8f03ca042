/// One step of a command.
public enum Step: Sendable, Equatable {
  /// Tell the receivers; they may change the execution's state before the next step.
  case emit(Event)
  /// A row was changed in the execution's state and has to be stored.
  case change(Change)
}
