import Expressions

/// Which claims are good, and who they are about.
///
/// Source: RFC 7519, section 4.1; RFC 9068, section 4.
struct ClaimsPolicy: Sendable {
  /// The only issuer that is believed; nil takes any, where the provider itself vouches for the token.
  var issuer: String?
  /// One of these has to be among the token's audiences; nil takes a token for anyone.
  var audiences: Set<String>?
  /// Seconds by which the clocks may differ.
  var leeway: Int64
  var usernameClaim: String
  var groupsClaim: String

  /// - Parameter expires: whether there has to be an expiry.
  func check(_ claims: Value, now: Int64, expires: Bool) throws(Refusal) {
    switch claims["exp"] {
    case .null? where !expires: break
    default:
      guard let end = Self.seconds(claims["exp"]) else { throw .invalid("The token has no expiry.") }
      guard now < Self.add(end, leeway) else { throw .invalid("The token has expired.") }
    }
    switch claims["nbf"] {
    case .null?: break
    default:
      guard let start = Self.seconds(claims["nbf"]) else { throw .invalid("The token's beginning is not a time.") }
      guard now >= Self.add(start, -leeway) else { throw .invalid("The token is not valid yet.") }
    }
    if let issuer {
      guard case .string(let given)? = claims["iss"], given.utf8.elementsEqual(issuer.utf8) else {
        throw .invalid("The token's issuer is not the expected one.")
      }
    }
    if let audiences {
      guard Self.texts(claims["aud"]).contains(where: { audiences.contains($0) }) else {
        throw .invalid("The token is for another audience.")
      }
    }
  }

  /// - Throws: when the claims name nobody.
  func identity(_ claims: Value) throws(Refusal) -> Identity {
    let username: String
    switch claim(usernameClaim, in: claims) {
    case .string(let text) where !text.isEmpty && !text.utf8.contains(0): username = text
    case .int(let number): username = String(number)
    default: throw .invalid("The claim \(usernameClaim) does not name a user.")
    }
    return Identity(
      username: username, groups: Self.texts(claim(groupsClaim, in: claims)).filter { !$0.utf8.contains(0) },
      claims: claims)
  }

  /// A claim of that name or, as providers nest them, along a path with dots.
  private func claim(_ name: String, in claims: Value) -> Value {
    if let value = claims[name], !value.isNull { return value }
    var value = claims
    for part in name.split(separator: ".") { value = value[String(part)] ?? .null }
    return value
  }

  /// One text, or the texts of a list.
  private static func texts(_ value: Value?) -> [String] {
    switch value {
    case .string(let text)?: [text]
    case .array(let items)?: items.compactMap { if case .string(let text) = $0 { text } else { nil } }
    default: []
    }
  }

  /// Seconds since 1970, rounded down.
  static func seconds(_ value: Value?) -> Int64? {
    switch value {
    case .int(let seconds)?: seconds
    case .number(let seconds)?: Int64(exactly: seconds.rounded(.down))
    default: nil
    }
  }

  /// Times that an attacker chooses do not overflow.
  private static func add(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflows) = left.addingReportingOverflow(right)
    return overflows ? (right > 0 ? .max : .min) : sum
  }
}
