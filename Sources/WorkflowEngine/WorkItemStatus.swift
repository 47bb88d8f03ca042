/// The states of a work item; raw values are what the database stores.
public enum WorkItemStatus: String, Sendable, CaseIterable {
  case ready, completed, canceled, skipped, suspended, redo

  /// Ready or suspended: somebody still has to deal with the item, so it holds its case open.
  public var isOpen: Bool { self == .ready || self == .suspended }
  /// Completed or skipped: the item counts as done for joins.
  public var isDone: Bool { self == .completed || self == .skipped }
}
