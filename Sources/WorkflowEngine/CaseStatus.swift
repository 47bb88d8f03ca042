/// The states of a case; raw values are what the database stores.
public enum CaseStatus: String, Sendable, CaseIterable {
  case running, completed, canceled, suspended

  /// Running or suspended: the case can still go on.
  public var isOpen: Bool { self == .running || self == .suspended }
}
