import GraphQL

/// What of the API can be set.
public struct APISettings: Sendable {
  /// Who may read the schema through the API.
  public enum Introspection: String, CaseIterable, Sendable {
    case everyone, authenticated, off
  }

  /// Which keys of an element of a `filter` apply.
  public enum FilterKeys: String, CaseIterable, Sendable {
    case all
    /// The first one in the order of the schema, as in Caluma.
    case first
  }

  /// Languages of localised texts; the first is the default one.
  public var languages = ["en"]
  /// Milliseconds an event receiver may take. Default 5 000.
  public var receiverTimeout: UInt64 = 5_000
  /// Seconds for which the answer to a request with an idempotency key is kept. Default a day.
  public var idempotencyAge = 86_400
  /// Bytes of compiled documents that a loop keeps. Default 32 MB.
  public var planCacheBytes = 32 << 20
  /// Bytes of refused documents that a loop keeps. Default 4 MB.
  public var refusalCacheBytes = 4 << 20
  /// Who may read the schema through the API. Default everyone. All other rules apply in any case.
  public var introspection = Introspection.everyone
  /// Whether messages suggest names of the schema. Default true.
  public var suggestions = true
  /// Which keys of an element of a `filter` apply. Default all.
  public var filterKeys = FilterKeys.all
  /// Whether several requests may come as one. Default false.
  public var allowsBatches = false
  public var limits = Limits()

  /// Rows of a connection that is asked for without `first` or `last`.
  public var defaultPageSize: Int { limits.defaultPageSize }
  /// Rows of a connection at most.
  public var maximumPageSize: Int { limits.maximumPageSize }
  /// Milliseconds a request may take.
  public var requestTimeout: UInt64 { limits.requestTimeout }

  public init() {}
}
