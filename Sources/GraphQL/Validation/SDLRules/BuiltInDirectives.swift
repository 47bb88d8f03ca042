/// The specification's directives, for schema documents that stand by themselves.
enum BuiltInDirectives {
  struct Known: Sendable {
    let name: String
    let locations: [DirectiveLocation]
    let arguments: [(name: String, type: String, isRequired: Bool)]
  }

  private static let all: [Known] = {
    let document = BuiltInTypes.document
    return document.definitions.filter { document[$0].kind == .directiveDefinition }.map { id in
      Known(
        name: document.name(id),
        locations: document.list(document[id].children).compactMap { DirectiveLocation(name: document.name($0)) },
        arguments: arguments(document, id))
    }
  }()

  /// The directive of that name, or nil.
  static func named(_ name: String) -> Known? { all.first { $0.name == name } }

  /// Arguments of a directive definition in a document.
  static func arguments(_ document: Document, _ definition: NodeID) -> [(name: String, type: String, isRequired: Bool)]
  {
    document.list(document[definition].arguments).map { id in
      let node = document[id]
      return (
        document.name(id), Printer.print(document, node.type),
        document[node.type].kind == .nonNullType && node.defaultValue.isNone
      )
    }
  }
}
