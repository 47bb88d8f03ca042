/// An error of a request, as it appears under `errors` in a response.
///
/// Spec: 7.1.2 "Errors".
public struct GraphQLError: Error, Hashable, Sendable {
  public enum PathSegment: Hashable, Sendable {
    case key(String)
    case index(Int)
  }

  public var message: String
  public var locations: [SourceLocation]
  /// Where in the response the error belongs; nil when no field was executed.
  public var path: [PathSegment]?
  /// The stable name of the kind of error, written as `extensions.code`.
  public var code: String?

  public init(
    _ message: String, locations: [SourceLocation] = [], path: [PathSegment]? = nil, code: String? = nil
  ) {
    self.message = message
    self.locations = locations
    self.path = path
    self.code = code
  }

  /// Appends the error as a JSON object.
  public func write(into output: inout OutputBuffer) {
    output.append("{\"message\":")
    output.append(string: message)
    if !locations.isEmpty {
      output.append(",\"locations\":[")
      for (number, location) in locations.enumerated() {
        output.append(number == 0 ? "{\"line\":" : ",{\"line\":")
        output.append(integer: location.line)
        output.append(",\"column\":")
        output.append(integer: location.column)
        output.append("}")
      }
      output.append("]")
    }
    if let path {
      output.append(",\"path\":[")
      for (number, segment) in path.enumerated() {
        if number > 0 { output.append(",") }
        switch segment {
        case .key(let key): output.append(string: key)
        case .index(let index): output.append(integer: index)
        }
      }
      output.append("]")
    }
    if let code {
      output.append(",\"extensions\":{\"code\":")
      output.append(string: code)
      output.append("}")
    }
    output.append("}")
  }
}
