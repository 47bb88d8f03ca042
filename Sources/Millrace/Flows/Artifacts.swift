import WorkflowEngine

/// A kind of thing that artifacts point to, as a type of the program.
///
/// ```swift
/// struct Invoice: ArtifactKind {
///   static let artifactType = "Invoice"
///   var key: String
/// }
/// activation.caseArtifacts["invoice", as: Invoice.self] = Invoice(key: "2026-17")
/// ```
public protocol ArtifactKind: Sendable {
  /// The `type` of artifacts that point to such things.
  static var artifactType: String { get }
  /// The thing's id where it lives.
  var key: String { get }
  /// Where people find it; nil by default.
  var url: String? { get }
  init(key: String)
}

extension ArtifactKind {
  public var url: String? { nil }
}

/// The artifacts of a case or a work item, by their names.
public struct Artifacts: Hashable, Sendable, Sequence {
  /// In the order in which they were added.
  public private(set) var all: [Artifact]

  public init(_ all: [Artifact] = []) {
    self.all = all
  }

  public func makeIterator() -> IndexingIterator<[Artifact]> { all.makeIterator() }

  /// Nil removes it. The artifact is stored under this name, whatever its own is.
  public subscript(name: String) -> Artifact? {
    get { all.first { $0.name == name } }
    set {
      let place = all.firstIndex { $0.name == name }
      guard var artifact = newValue else {
        if let place { all.remove(at: place) }
        return
      }
      artifact.name = name
      if let place { all[place] = artifact } else { all.append(artifact) }
    }
  }

  /// Nil where there is none of this kind; setting nil removes whatever has the name.
  public subscript<Kind: ArtifactKind>(name: String, as kind: Kind.Type) -> Kind? {
    get { self[name].flatMap { $0.type == Kind.artifactType ? $0.key.map(Kind.init(key:)) : nil } }
    set {
      self[name] = newValue.map {
        Artifact(name: name, type: Kind.artifactType, key: $0.key, url: $0.url)
      }
    }
  }
}
