import Expressions

/// The data of a mutation: its input fields by name. A validation may change them; the result has to be a valid
/// input of the mutation again.
public struct MutationData: Sendable {
  public var json: JSON

  package init(_ json: JSON) {
    self.json = json
  }

  /// A field's value; nil when it was left out. Setting nil leaves it out.
  public subscript(_ field: String) -> JSON? {
    get {
      guard case .object(let members) = json else { return nil }
      return members.first { $0.key == field }?.value
    }
    set {
      guard case .object(var members) = json else { return }
      members.removeAll { $0.key == field }
      if let newValue { members.append(JSON.Member(key: field, value: newValue)) }
      json = .object(members)
    }
  }

  /// A field's text; nil when the field is none. For fields that name an object see `key(_:)`.
  public func text(_ field: String) -> String? {
    self[field]?.text
  }

  /// The texts of a list field.
  public func texts(_ field: String) -> [String] {
    self[field]?.texts ?? []
  }

  /// `meta`, which travels as JSON text; nil when it was left out.
  public var meta: JSON? {
    get { text("meta").flatMap { JSON(json: $0) } }
    set { self["meta"] = newValue.map { .string($0.json) } }
  }
}

extension Expressions.Value {
  /// The text; nil for everything else.
  public var text: String? { if case .string(let text) = self { text } else { nil } }
  /// The elements that are texts; nil for everything but a list.
  public var texts: [String]? {
    if case .array(let items) = self { items.compactMap(\.text) } else { nil }
  }
  public var isNull: Bool { if case .null = self { true } else { false } }
}
