import Expressions
import GraphQL
import Millrace

extension Expressions.Value {
  /// JSON from a request, for expressions and receivers.
  init(_ value: GraphQL.Value) {
    switch value {
    case .null: self = .null
    case .boolean(let flag): self = .bool(flag)
    case .int(let number): self = .int(number)
    case .float(let number): self = .number(number)
    case .string(let text), .enumValue(let text): self = .string(text)
    case .list(let items): self = .array(items.map { Expressions.Value($0) })
    case .object(let object):
      self = .object(object.fields.map { Expressions.Value.Member(key: $0.name, value: Expressions.Value($0.value)) })
    }
  }
}
