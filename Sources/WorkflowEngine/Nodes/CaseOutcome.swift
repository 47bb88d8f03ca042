/// How a case ended, where its status alone does not tell; raw values are what the database stores.
public enum CaseOutcome: String, Sendable, CaseIterable {
  /// A terminate end was reached.
  case terminated
  /// An error end was reached; the case has its code.
  case error
}
