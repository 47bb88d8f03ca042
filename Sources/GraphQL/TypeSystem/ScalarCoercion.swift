/// How a scalar takes values in.
///
/// Spec: 3.5 "Scalars", input coercion.
public struct ScalarCoercion: Sendable {
  public struct Failure: Error {
    public let message: String

    public init(_ message: String) {
      self.message = message
    }
  }

  /// The accepted value, from a JSON value or a literal; enum literals arrive as `.enumeration`.
  public let parse: @Sendable (Value) throws(Failure) -> Value

  public init(parse: @escaping @Sendable (Value) throws(Failure) -> Value) {
    self.parse = parse
  }

  /// Takes what is given.
  public static let any = ScalarCoercion { (value) throws(Failure) in value }

  /// Text only, under the scalar's name in messages.
  public static func text(_ name: String) -> ScalarCoercion {
    ScalarCoercion { (value) throws(Failure) in
      guard case .string = value else { throw Failure("\(name) cannot represent a non string value: \(value.json)") }
      return value
    }
  }

  static let builtIn: [String: ScalarCoercion] = [
    "String": text("String"),
    "Boolean": ScalarCoercion { (value) throws(Failure) in
      guard case .boolean = value else {
        throw Failure("Boolean cannot represent a non boolean value: \(shown(value))")
      }
      return value
    },
    "Int": ScalarCoercion { (value) throws(Failure) in
      let number: Int
      switch value {
      case .int(let value): number = value
      case .float(let value):
        guard let whole = Int(exactly: value) else {
          throw Failure("Int cannot represent non-integer value: \(shown(.float(value)))")
        }
        number = whole
      default: throw Failure("Int cannot represent non-integer value: \(shown(value))")
      }
      guard Int32(exactly: number) != nil else {
        throw Failure("Int cannot represent non 32-bit signed integer value: \(number)")
      }
      return .int(number)
    },
    "Float": ScalarCoercion { (value) throws(Failure) in
      switch value {
      case .int(let number): return .float(Double(number))
      case .float: return value
      default: throw Failure("Float cannot represent non numeric value: \(shown(value))")
      }
    },
    "ID": ScalarCoercion { (value) throws(Failure) in
      switch value {
      case .string: return value
      case .int(let number): return .string(String(number))
      default: throw Failure("ID cannot represent a non-string and non-integer value: \(shown(value))")
      }
    },
  ]

  private static func shown(_ value: Value) -> String {
    if case .enumeration(let name) = value { name } else { value.json }
  }
}
