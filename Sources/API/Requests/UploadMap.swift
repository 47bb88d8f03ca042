import GraphQL

/// Puts uploads in the places of a request's variables that their map names.
///
/// Source: GraphQL multipart request specification.
public struct UploadMap: Sendable {
  /// Names of parts with the places of each, such as `variables.files.0`; in a batch `1.variables.file`.
  private let places: [(part: String, paths: [[String]])]

  /// - Throws: `BAD_REQUEST`.
  public init(_ value: Value, maximumUploads: Int) throws(GraphQLError) {
    guard case .object(let object) = value else { throw Self.bad("The map of uploads has to be an object.") }
    guard object.fields.count <= maximumUploads else {
      throw GraphQLError("A request has \(maximumUploads) uploads at most.", code: "TOO_MANY_UPLOADS")
    }
    var seen: Set<String> = []
    var places: [(part: String, paths: [[String]])] = []
    for field in object.fields {
      guard case .list(let items) = field.value, !items.isEmpty else {
        throw Self.bad("The map names no place for the upload \(field.name).")
      }
      var paths: [[String]] = []
      for item in items {
        guard let path = item.string else { throw Self.bad("A place of the upload \(field.name) is no text.") }
        guard seen.insert(path).inserted else { throw Self.bad("The map has two uploads for \(path).") }
        paths.append(path.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
      }
      places.append((field.name, paths))
    }
    self.places = places
  }

  public var parts: [String] { places.map(\.part) }

  /// The operations with placeholders for the uploads, and what these stand for.
  ///
  /// - Parameter uploads: by the names of their parts.
  /// - Throws: `BAD_REQUEST` for a part that did not come, or a place that is not null.
  public func apply(
    _ uploads: [String: Upload], to operations: Value
  ) throws(GraphQLError) -> (operations: Value, uploads: [String: Upload]) {
    var operations = operations
    var found: [String: Upload] = [:]
    for (part, paths) in places {
      guard let upload = uploads[part] else { throw Self.bad("The upload \(part) did not come.") }
      for path in paths {
        let placeholder = Upload.placeholder()
        guard path.contains("variables"), Self.put(.string(placeholder), into: &operations, path[...]) else {
          throw Self.bad("There is no null at \(path.joined(separator: ".")) for the upload \(part).")
        }
        found[placeholder] = upload
      }
    }
    return (operations, found)
  }

  /// Replaces a null.
  private static func put(_ value: Value, into target: inout Value, _ path: ArraySlice<String>) -> Bool {
    guard let step = path.first else {
      guard target.isNull else { return false }
      target = value
      return true
    }
    switch target {
    case .object(var object):
      guard var member = object[step], put(value, into: &member, path.dropFirst()) else { return false }
      object[step] = member
      target = .object(object)
      return true
    case .list(var items):
      guard let index = Int(step), items.indices.contains(index), put(value, into: &items[index], path.dropFirst())
      else { return false }
      target = .list(items)
      return true
    default: return false
    }
  }

  private static func bad(_ message: String) -> GraphQLError { GraphQLError(message, code: "BAD_REQUEST") }
}
