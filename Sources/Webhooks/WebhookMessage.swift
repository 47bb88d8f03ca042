/// One attempt to deliver an event to an endpoint.
///
/// Source: Standard Webhooks 1.0.
public struct WebhookMessage: Sendable {
  /// The same in every attempt: receivers tell repeats by it.
  public var id: String
  public var url: String
  /// JSON.
  public var body: [UInt8]
  /// All of them sign, so that a receiver that knows any of them can verify.
  public var secrets: [String]

  public init(id: String, url: String, body: [UInt8], secrets: [String]) {
    self.id = id
    self.url = url
    self.body = body
    self.secrets = secrets
  }

  /// - Parameter timestamp: of this attempt, seconds since 1970.
  public func headers(timestamp: Int64) -> [(name: String, value: String)] {
    let signatures = secrets.compactMap { WebhookSecret($0)?.signature(id: id, timestamp: timestamp, body: body) }
    return [
      ("content-type", "application/json"),
      ("webhook-id", id),
      ("webhook-timestamp", String(timestamp)),
      ("webhook-signature", signatures.joined(separator: " ")),
    ]
  }
}
