/// Why an item is canceled, where its status alone does not tell; raw values are what the database stores.
public enum ClosedReason: String, Sendable, CaseIterable {
  /// A done item was undone.
  case undone
  /// Its copy goes on.
  case revived
  /// A sibling, a join or a region did without it.
  case superseded
  /// The case ended.
  case terminated
  /// An interrupting boundary took over.
  case boundary
  /// The boundary's host is closed.
  case hostClosed = "host_closed"
}
