/// The row that an event is about, as it was when the event was told.
public indirect enum EventRow: Sendable, Equatable {
  /// - parent: the work item that the case was started for, which now points to it; only when the case is new.
  case `case`(Case, parent: WorkItem?)
  case workItem(WorkItem)
}
