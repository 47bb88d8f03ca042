/// A difference between two schemas, as clients of the older one see it.
public struct SchemaChange: Sendable, Equatable {
  /// What the difference does to clients.
  public enum Severity: String, Sendable {
    /// Existing documents may stop working.
    case breaking
    /// Existing documents keep working, but may see what they do not expect.
    case dangerous
    /// Nothing changes for existing documents.
    case safe
  }

  public let severity: Severity
  /// Stable name of the kind of change, such as `FIELD_REMOVED`.
  public let kind: String
  /// The change in words.
  public let description: String
}
