import Expressions
import WorkflowEngine

/// Reads the members of one JSON object of a node; nulls count as left out.
struct NodeReader {
  private let members: [Value.Member]?
  private let path: String

  init(_ value: Value, _ path: String) {
    if case .object(let members) = value { self.members = members } else { members = nil }
    self.path = path
  }

  subscript(_ name: String) -> Value? { members?.first { $0.key == name }?.value }

  func problem(_ name: String, _ message: String) -> NodeJSON.Problem {
    NodeJSON.Problem(path: path(name), message: message)
  }

  private func path(_ name: String) -> String {
    path.isEmpty ? name : name.isEmpty ? path : "\(path).\(name)"
  }

  /// - Throws: that this is no object, or has a member that nobody knows.
  func only(_ names: [String]) throws(NodeJSON.Problem) {
    guard let members else { throw problem("", "An object is needed.") }
    if let unknown = members.first(where: { !names.contains($0.key) }) {
      throw problem(unknown.key, "There is no such member.")
    }
  }

  func text(_ name: String) throws(NodeJSON.Problem) -> String? {
    switch self[name] {
    case nil, .null?: return nil
    case .string(let text)? where !text.isEmpty: return text
    default: throw problem(name, "A text is needed.")
    }
  }

  /// A text whose `{{ … }}` are expressions.
  func template(_ name: String) throws(NodeJSON.Problem) -> String? {
    guard let text = try text(name) else { return nil }
    guard let parts = NodeTexts.parts(text) else { throw problem(name, "A `{{` is not closed.") }
    for (place, part) in parts.enumerated() where place % 2 == 1 {
      do throws(ExpressionError) {
        _ = try Expression(part)
      } catch {
        throw problem(name, error.message)
      }
    }
    return text
  }

  func required(_ name: String) throws(NodeJSON.Problem) -> String {
    guard let text = try text(name) else { throw problem(name, "A text is needed.") }
    return text
  }

  func flag(_ name: String) throws(NodeJSON.Problem) -> Bool? {
    switch self[name] {
    case nil, .null?: return nil
    case .bool(let flag)?: return flag
    default: throw problem(name, "True or false is needed.")
    }
  }

  func number(_ name: String) throws(NodeJSON.Problem) -> Int64? {
    switch self[name] {
    case nil, .null?: return nil
    case .int(let number)? where Int32(exactly: number) != nil: return number
    default: throw problem(name, "A whole number is needed.")
    }
  }

  func texts(_ name: String) throws(NodeJSON.Problem) -> [String]? {
    guard let values = try values(name) else { return nil }
    var texts: [String] = []
    for value in values {
      guard case .string(let text) = value else { throw problem(name, "A list of texts is needed.") }
      texts.append(text)
    }
    return texts
  }

  /// A case of an enumeration by its name in capitals.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String
  ) throws(NodeJSON.Problem) -> Choice? where Choice.RawValue == String {
    guard let text = try text(name) else { return nil }
    guard let choice = Choice(rawValue: text.lowercased()) else {
      throw problem(name, "It is one of \(Choice.allCases.map { $0.rawValue.uppercased() }.joined(separator: ", ")).")
    }
    return choice
  }

  func object<Result>(
    _ name: String, _ read: (NodeReader) throws(NodeJSON.Problem) -> Result
  ) throws(NodeJSON.Problem) -> Result? {
    guard let value = self[name] else { return nil }
    if case .null = value { return nil }
    return try read(NodeReader(value, path(name)))
  }

  func list<Result>(
    _ name: String, _ read: (NodeReader) throws(NodeJSON.Problem) -> Result
  ) throws(NodeJSON.Problem) -> [Result] {
    guard let values = try values(name) else { return [] }
    var results: [Result] = []
    for (index, value) in values.enumerated() { results.append(try read(NodeReader(value, "\(path(name))[\(index)]"))) }
    return results
  }

  private func values(_ name: String) throws(NodeJSON.Problem) -> [Value]? {
    switch self[name] {
    case nil, .null?: return nil
    case .array(let values)?: return values
    default: throw problem(name, "A list is needed.")
    }
  }
}
