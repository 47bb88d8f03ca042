/// A typed reference to something that a case or a work item has to do with and that lives elsewhere: a contract in an
/// archive, an order in a shop, a page.
public struct Artifact: Hashable, Sendable {
  /// What it is called here; unique within its case or work item.
  public var name: String
  /// The kind of thing, by which programs tell how to read the key.
  public var type: String
  /// The thing's id where it lives.
  public var key: String?
  public var url: String?

  public init(name: String, type: String, key: String? = nil, url: String? = nil) {
    self.name = name
    self.type = type
    self.key = key
    self.url = url
  }

  /// How many a case or a work item may have, and how long each of their texts may be.
  static let maximumCount = 100
  static let maximumLength = 2_000

  /// What keeps a list of artifacts from being stored; nil for nothing.
  static func problem(in artifacts: [Artifact]?) -> EngineError? {
    guard let artifacts else { return nil }
    guard artifacts.count <= maximumCount else {
      return EngineError(.input, "There can be at most \(maximumCount) artifacts.")
    }
    var names: Set<String> = []
    for artifact in artifacts {
      guard !artifact.name.isEmpty, !artifact.type.isEmpty else {
        return EngineError(.input, "An artifact needs a name and a type.")
      }
      guard artifact.key?.isEmpty == false || artifact.url?.isEmpty == false else {
        return EngineError(.input, "The artifact `\(artifact.name.prefix(100))` has neither a key nor a URL.")
      }
      for text in [artifact.name, artifact.type, artifact.key ?? "", artifact.url ?? ""] {
        guard text.utf8.count <= maximumLength, !text.utf8.contains(0) else {
          return EngineError(
            .input, "The texts of an artifact can have at most \(maximumLength) bytes, none of them zero.")
        }
      }
      guard names.insert(artifact.name).inserted else {
        return EngineError(.input, "Two artifacts are called `\(artifact.name.prefix(100))`.")
      }
    }
    return nil
  }

  static func check(_ artifacts: [Artifact]?) throws(EngineError) {
    if let problem = problem(in: artifacts) { throw problem }
  }
}
