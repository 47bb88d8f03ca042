/// A visibility rule without its type, and its way to SQL.
package indirect enum VisibilityCondition: Sendable {
  case all
  case none
  case and([VisibilityCondition])
  case or([VisibilityCondition])
  case not(VisibilityCondition)
  case test(String, Test)
  case exists(VisibilityLink, VisibilityCondition)
  case visible(VisibilityLink)

  package enum Test: Sendable {
    case isIn([String])
    case isNull
    case isTrue(Bool)
    case overlaps([String])
    case isEmpty
    case metaEquals(String, String)
    case metaHasKey(String)
  }

  /// The same with everything decided that does not depend on a row.
  var simplified: VisibilityCondition {
    switch self {
    case .and(let parts):
      var left: [VisibilityCondition] = []
      for part in parts.map(\.simplified) {
        if part.isNone { return .none }
        if !part.isAll { left.append(part) }
      }
      return left.isEmpty ? .all : left.count == 1 ? left[0] : .and(left)
    case .or(let parts):
      var left: [VisibilityCondition] = []
      for part in parts.map(\.simplified) {
        if part.isAll { return .all }
        if !part.isNone { left.append(part) }
      }
      return left.isEmpty ? .none : left.count == 1 ? left[0] : .or(left)
    case .not(let part):
      let inner = part.simplified
      return inner.isAll ? .none : inner.isNone ? .all : .not(inner)
    case .exists(let link, let part):
      let inner = part.simplified
      return inner.isNone ? .none : .exists(link, inner)
    case .all, .none, .test, .visible:
      return self
    }
  }

  package var isAll: Bool { if case .all = self { true } else { false } }
  package var isNone: Bool { if case .none = self { true } else { false } }
}

/// Collects the parameters of a statement that a visibility becomes part of.
package protocol VisibilityParameters {
  mutating func bind(text value: String) -> String
  mutating func bind(texts values: [String]) -> String
  mutating func bind(json value: String) -> String
}

extension VisibilityCondition.Test {
  func sql(_ column: String, _ parameters: inout some VisibilityParameters) -> String {
    switch self {
    case .isIn(let values):
      values.count == 1
        ? "\(column) = \(parameters.bind(text: values[0]))" : "\(column) = any(\(parameters.bind(texts: values)))"
    case .isNull: "\(column) is null"
    case .isTrue(let value): value ? column : "not \(column)"
    case .overlaps(let values): "\(column) && \(parameters.bind(texts: values))"
    case .isEmpty: "\(column) = '{}'"
    case .metaEquals(let key, let value):
      "\(column) -> \(parameters.bind(text: key)) = \(parameters.bind(json: value))"
    case .metaHasKey(let key): "\(column) ? \(parameters.bind(text: key))"
    }
  }
}
