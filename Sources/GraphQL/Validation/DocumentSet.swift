/// Documents of one client, in several files that may use each other's fragments.
public struct DocumentSet {
  /// An error and the file it stands in.
  public struct Finding: Sendable, Equatable {
    public let file: String
    public let error: GraphQLError
  }

  private struct Fragment {
    let file: String
    let text: String
    let start: SourceLocation
    /// The fragments it spreads.
    let spreads: Set<String>
  }

  private struct File {
    let name: String
    let source: String
    let document: Document
  }

  private var files: [File] = []
  private var fragments: [String: Fragment] = [:]
  private var used: Set<String> = []
  private var findings: [Finding] = []
  /// What stands in a fragment that several files use is found once for each.
  private var places: Set<Place> = []

  private struct Place: Hashable {
    let file: String
    let location: SourceLocation?
    let message: String
  }

  /// A fragment of another file, and where it begins in the text that is checked.
  private struct Guest {
    let fragment: Fragment
    let start: SourceLocation
  }

  public init() {}

  /// Adds a file.
  public mutating func add(_ name: String, _ source: String) {
    do throws(GraphQLError) {
      let document = try Parser.parse(source, limits: .trusted)
      files.append(File(name: name, source: source, document: document))
      for definition in document.definitions {
        let spreads = Self.spreads(document, in: definition)
        guard document[definition].kind == .fragmentDefinition else { continue }
        let key = document.name(definition)
        if let other = fragments[key], other.file != name {
          findings.append(
            Finding(
              file: name,
              error: GraphQLError(
                "There can be only one fragment named \"\(key)\"; \(other.file) has one, too.",
                locations: [document.location(definition)])))
          continue
        }
        fragments[key] = Fragment(
          file: name, text: document.text(definition), start: document.location(definition), spreads: spreads)
      }
    } catch {
      findings.append(Finding(file: name, error: error))
    }
  }

  /// Validates each file with the fragments that it uses from others.
  ///
  /// A fragment counts as used when any file spreads it. Every rule of the specification applies; those of `extra` are
  /// added.
  public mutating func validate(_ schema: Schema, extra: [ValidationRule] = []) -> [Finding] {
    for file in files {
      for definition in file.document.definitions { used.formUnion(Self.spreads(file.document, in: definition)) }
    }
    let rules = extra.reduce(ValidationRules.specified.removing(.fragmentsMustBeUsed)) { $0.adding($1) }
    for file in files { check(file, schema, rules) }
    for file in files {
      for definition in file.document.definitions where file.document[definition].kind == .fragmentDefinition {
        let name = file.document.name(definition)
        if !used.contains(name) {
          findings.append(
            Finding(
              file: file.name,
              error: GraphQLError(
                "Fragment \"\(name)\" is never used.", locations: [file.document.location(definition)])))
        }
      }
    }
    return findings
  }

  private mutating func check(_ file: File, _ schema: Schema, _ rules: ValidationRules) {
    // Fragments of other files are appended on lines of their own, so that a line tells its file.
    var text = file.source
    var appended: [(fragment: Fragment, offset: Int)] = []
    for name in missing(file.document) {
      guard let fragment = fragments[name] else { continue }
      text += "\n"
      appended.append((fragment, text.utf8.count))
      text += fragment.text
    }
    guard let document = try? Parser.parse(text, limits: .trusted) else { return }
    let guests = appended.map { Guest(fragment: $0.fragment, start: document.location(offset: UInt32($0.offset))) }
    for error in GraphQL.validate(schema, document, rules: rules, limits: .trusted) { report(error, file.name, guests) }
  }

  /// Reports an error in the file that is checked if a part of it stands there, else where its fragment stands: what
  /// is wrong may be in how fragments of several files meet, and then their own files do not show it.
  private mutating func report(_ error: GraphQLError, _ file: String, _ guests: [Guest]) {
    let located = error.locations.map { location -> (file: String, location: SourceLocation) in
      guard let guest = guests.last(where: { $0.start.line <= location.line }) else { return (file, location) }
      let (start, line) = (guest.fragment.start, location.line - guest.start.line)
      let column = line == 0 ? start.column + location.column - guest.start.column : location.column
      return (guest.fragment.file, SourceLocation(line: start.line + line, column: column))
    }
    let name = located.contains { $0.file == file } ? file : located.first?.file ?? file
    var error = error
    error.locations = located.filter { $0.file == name }.map(\.location)
    let place = Place(file: name, location: error.locations.first, message: error.message)
    if places.insert(place).inserted { findings.append(Finding(file: name, error: error)) }
  }

  /// The fragments that a document needs from others, each once.
  private func missing(_ document: Document) -> [String] {
    var known: Set<String> = []
    var open: [String] = []
    for definition in document.definitions {
      if document[definition].kind == .fragmentDefinition { known.insert(document.name(definition)) }
      open += Self.spreads(document, in: definition).sorted()
    }
    var missing: [String] = []
    while let name = open.popLast() {
      guard known.insert(name).inserted, let fragment = fragments[name] else { continue }
      missing.append(name)
      open += fragment.spreads.sorted()
    }
    return missing
  }

  private static func spreads(_ document: Document, in definition: NodeID) -> Set<String> {
    var names: Set<String> = []
    var open = [document[definition].selectionSet]
    while let set = open.popLast() {
      guard !set.isNone else { continue }
      for id in document.list(document[set].children) {
        if document[id].kind == .fragmentSpread {
          names.insert(document.name(id))
        } else {
          open.append(document[id].selectionSet)
        }
      }
    }
    return names
  }
}
