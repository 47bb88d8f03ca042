import GraphQL
import Postgres

/// How the schema's own scalars take values.
enum Scalars {
  static let coercions: [String: ScalarCoercion] = [
    "DateTime": ScalarCoercion { (value) throws(GraphQLError) in
      guard case .string(let text) = value, Timestamp(text) != nil else {
        throw GraphQLError("DateTime cannot represent value: \(value.json)")
      }
      return value
    },
    "JSONString": ScalarCoercion { (value) throws(GraphQLError) in
      guard case .string(let text) = value else {
        throw GraphQLError("JSONString cannot represent a non string value: \(value.json)")
      }
      do throws(JSONDocument.Failure) {
        _ = try JSONDocument(text)
      } catch {
        throw GraphQLError("Badly formed JSONString: \(error.message)")
      }
      return value
    },
    "Upload": ScalarCoercion { (value) throws(GraphQLError) in
      guard case .string(let text) = value, Upload.isPlaceholder(text) else {
        throw GraphQLError("Upload value invalid: a file comes by the GraphQL multipart request specification.")
      }
      return value
    },
    "FlowJexl": text("FlowJexl"),
    "GroupJexl": text("GroupJexl"),
    "GenericScalar": .passThrough,
  ]

  private static func text(_ name: String) -> ScalarCoercion {
    ScalarCoercion { (value) throws(GraphQLError) in
      guard case .string = value else {
        throw GraphQLError("\(name) cannot represent a non string value: \(value.json)")
      }
      return value
    }
  }
}
