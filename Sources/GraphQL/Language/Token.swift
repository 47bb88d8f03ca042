/// One lexical token.
///
/// Spec: 2.1.6 "Lexical Tokens".
struct Token {
  enum Kind: UInt8 {
    case startOfFile
    case endOfFile
    case bang, dollar, ampersand, parenLeft, parenRight, spread, colon, equals, at
    case bracketLeft, bracketRight, braceLeft, pipe, braceRight
    case name, int, float, string, blockString

    /// As it is shown in messages.
    var text: String {
      switch self {
      case .startOfFile: "<SOF>"
      case .endOfFile: "<EOF>"
      case .bang: "!"
      case .dollar: "$"
      case .ampersand: "&"
      case .parenLeft: "("
      case .parenRight: ")"
      case .spread: "..."
      case .colon: ":"
      case .equals: "="
      case .at: "@"
      case .bracketLeft: "["
      case .bracketRight: "]"
      case .braceLeft: "{"
      case .pipe: "|"
      case .braceRight: "}"
      case .name: "Name"
      case .int: "Int"
      case .float: "Float"
      case .string: "String"
      case .blockString: "BlockString"
      }
    }

    var isPunctuator: Bool { rawValue >= Kind.bang.rawValue && rawValue <= Kind.braceRight.rawValue }
  }

  var kind: Kind
  var range: ByteRange
}
