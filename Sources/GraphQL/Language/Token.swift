/// A lexical token (spec section 2.1.6).
struct Token: BitwiseCopyable {
  enum Kind: UInt8, BitwiseCopyable {
    case startOfFile, endOfFile
    case bang, dollar, ampersand, parenLeft, parenRight, spread, colon, equals, at
    case bracketLeft, bracketRight, braceLeft, pipe, braceRight
    case name, int, float, string, blockString

    /// How error messages call the kind.
    var description: String {
      switch self {
      case .startOfFile: "<SOF>"
      case .endOfFile: "<EOF>"
      case .bang: "\"!\""
      case .dollar: "\"$\""
      case .ampersand: "\"&\""
      case .parenLeft: "\"(\""
      case .parenRight: "\")\""
      case .spread: "\"...\""
      case .colon: "\":\""
      case .equals: "\"=\""
      case .at: "\"@\""
      case .bracketLeft: "\"[\""
      case .bracketRight: "\"]\""
      case .braceLeft: "\"{\""
      case .pipe: "\"|\""
      case .braceRight: "\"}\""
      case .name: "Name"
      case .int: "Int"
      case .float: "Float"
      case .string: "String"
      case .blockString: "BlockString"
      }
    }
  }

  var kind: Kind
  /// Whether a string has escapes.
  var hasEscapes = false
  var start: UInt32
  var end: UInt32
}
