/// The nodes of a parsed expression. They stand in one array; children are places in it.
enum Node: Sendable {
  typealias Index = Int32

  case literal(Value)
  case identifier(String)
  /// `.name`: a member of the value that a filter looks at.
  case relative(String)
  case attribute(Index, String)
  /// `[…]` without anything relative inside: a place, a key, or all or nothing.
  case subscripted(Index, Index)
  /// `[…]` with something relative inside.
  case filter(Index, Index)
  case transform(Index, String, [Index])
  case not(Index)
  case binary(BinaryOperator, Index, Index)
  case conditional(Index, Index, Index)
  case array([Index])
  case object([(key: String, value: Index)])
}

/// The binary operators; raw values are their symbols.
enum BinaryOperator: String, Sendable, CaseIterable {
  case or = "||"
  case and = "&&"
  case equal = "=="
  case notEqual = "!="
  case lessOrEqual = "<="
  case less = "<"
  case greaterOrEqual = ">="
  case greater = ">"
  case intersects = "intersects"
  case contained = "in"
  case plus = "+"
  case minus = "-"
  case floorDivide = "//"
  case divide = "/"
  case times = "*"
  case modulo = "%"
  case power = "^"

  /// Higher binds tighter; all operators are left-associative. `||` and `&&` share one precedence.
  var precedence: Int {
    switch self {
    case .or, .and: 10
    case .equal, .notEqual, .lessOrEqual, .less, .greaterOrEqual, .greater, .intersects, .contained: 20
    case .plus, .minus: 30
    case .times, .divide, .floorDivide: 40
    case .modulo, .power: 50
    }
  }

  /// Longer symbols before those they begin with.
  static let ordered: [BinaryOperator] = allCases.sorted { $0.rawValue.utf8.count > $1.rawValue.utf8.count }
}
