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

extension GraphQL.Value {
  /// JSON from an extension.
  init(_ value: Expressions.Value) {
    switch value {
    case .null: self = .null
    case .bool(let flag): self = .boolean(flag)
    case .int(let number): self = .int(number)
    case .number(let number): self = .float(number)
    case .string(let text): self = .string(text)
    case .array(let items): self = .list(items.map { GraphQL.Value($0) })
    case .object(let members):
      self = .object(ValueObject(members.map { .init(name: $0.key, value: GraphQL.Value($0.value)) }))
    }
  }
}
