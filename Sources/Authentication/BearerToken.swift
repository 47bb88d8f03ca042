/// The token of an `Authorization` field.
enum BearerToken: Equatable {
  case none
  case malformed(String)
  case token(String)

  /// Messages as Caluma has them.
  init(headerValue: String?) {
    guard let headerValue else {
      self = .none
      return
    }
    let parts = headerValue.split { $0 == " " || $0 == "\t" }
    guard parts.first?.lowercased() == "bearer" else {
      self = .malformed("No Bearer Authorization header")
      return
    }
    switch parts.count {
    case 1: self = .malformed("Invalid Authorization header. No credentials provided")
    case 2: self = .token(String(parts[1]))
    default: self = .malformed("Invalid Authorization header. Credentials string should not contain spaces.")
    }
  }

  /// Takes as long for a wrong token as for a right one, so that time tells nothing about it.
  static func isEqual(_ given: String, _ expected: String) -> Bool {
    let (given, expected) = (Array(given.utf8), Array(expected.utf8))
    guard given.count == expected.count else { return false }
    var difference: UInt8 = 0
    for (first, second) in zip(given, expected) { difference |= first ^ second }
    return difference == 0
  }
}
