/// The states of a work item; raw values are what the database stores.
///
/// Work items of people have the first six, which are Caluma's; the others are for what runs by itself.
public enum WorkItemStatus: String, Sendable, CaseIterable {
  case ready, completed, canceled, skipped, suspended, redo
  /// A join or a catch waits for what has to come.
  case waiting
  /// A job or a timer is due at `scheduledAt`, or as soon as a worker is free.
  case scheduled
  /// It is being carried out: a job by a worker, a subprocess by its child case.
  case running
  /// It failed; `lastError` tells why. It can be retried, revived or canceled.
  case error

  /// Somebody or something still has to deal with the item, so it holds its case open.
  public var isOpen: Bool {
    switch self {
    case .ready, .suspended, .waiting, .scheduled, .running, .error: true
    case .completed, .canceled, .skipped, .redo: false
    }
  }
  /// Completed or skipped: the item counts as done for joins.
  public var isDone: Bool { self == .completed || self == .skipped }
  /// Only items that run by themselves get here.
  public var isAutomatic: Bool {
    switch self {
    case .waiting, .scheduled, .running, .error: true
    case .ready, .completed, .canceled, .skipped, .suspended, .redo: false
    }
  }
}
