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
