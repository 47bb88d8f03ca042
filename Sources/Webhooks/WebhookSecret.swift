import CCrypto

/// A secret that signs webhooks: `whsec_` and 24 to 64 bytes in base64.
///
/// Source: Standard Webhooks 1.0, "Symmetric secrets".
public struct WebhookSecret: Sendable {
  private let key: [UInt8]

  /// Nil for what is no such secret.
  public init?(_ text: String) {
    guard text.hasPrefix("whsec_") else { return nil }
    let encoded = Array(text.utf8.dropFirst(6))
    guard !encoded.isEmpty, encoded.count.isMultiple(of: 4), encoded.count <= 88 else { return nil }
    var key = [UInt8](repeating: 0, count: encoded.count / 4 * 3)
    let count = millrace_base64_decode(encoded, encoded.count, &key)
    // The padding is decoded as zeros.
    let padding = encoded.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard count >= 0, padding <= 2, (24...64).contains(Int(count) - padding) else { return nil }
    self.key = Array(key.prefix(Int(count) - padding))
  }

  /// A new one of 32 random bytes, as text.
  public static func generate() -> String {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    return "whsec_" + base64(bytes)
  }

  /// `v1,` and the signature of a message.
  public func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
    let message = Array("\(id).\(timestamp).".utf8) + body
    var digest = [UInt8](repeating: 0, count: 32)
    let isDone = millrace_hmac_sha256(key, key.count, message, message.count, &digest)
    precondition(isDone == 1, "HMAC works with any key and any bytes.")
    return "v1," + Self.base64(digest)
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
    let count = millrace_base64_encode(bytes, bytes.count, &text)
    return String(decoding: text.prefix(Int(count)), as: UTF8.self)
  }
}
