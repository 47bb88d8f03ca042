/// What became of an attempt.
public enum WebhookOutcome: Sendable, Hashable {
  /// 2xx: the receiver has it.
  case delivered(status: Int, response: String)
  /// Tried again, no sooner than the receiver asked for.
  case failed(message: String, status: Int?, response: String?, retryAfter: Int64?)
  /// 410: the receiver wants no more of these.
  case gone(response: String)
  /// It was never sent: the server is stopping.
  case notSent

  /// Bytes of a response that are kept.
  static let keptBytes = 1_024

  /// Judges a response.
  ///
  /// - Parameters:
  ///   - retryAfter: seconds for which the receiver wants to be left alone.
  public init(status: Int, body: [UInt8], retryAfter: Int64?) {
    // A text that the database takes: NUL is none.
    let text = String(decoding: body.prefix(Self.keptBytes), as: UTF8.self).filter { $0 != "\0" }
    switch status {
    case 200..<300: self = .delivered(status: status, response: text)
    case 410: self = .gone(response: text)
    default:
      // More than a day is not waited for.
      let seconds = retryAfter.map { min($0, 86_400) }
      let isBusy = status == 429 || status == 502 || status == 503 || status == 504
      self = .failed(
        message: (300..<400).contains(status)
          ? "The endpoint redirects (\(status)), which webhooks do not follow." : "The endpoint answered \(status).",
        status: status, response: text, retryAfter: isBusy ? seconds.map { $0 * 1_000 } : nil)
    }
  }
}
