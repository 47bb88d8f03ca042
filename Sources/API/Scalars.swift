import GraphQL
import Postgres

/// How the schema's own scalars take values.
enum Scalars {
  static let coercions: [String: ScalarCoercion] = [
    "DateTime": ScalarCoercion { (value) throws(ScalarCoercion.Failure) in
      guard case .string(let text) = value, Timestamp(text) != nil else {
        throw ScalarCoercion.Failure("DateTime cannot represent value: \(value.json)")
      }
      return value
    },
    "JSONString": ScalarCoercion { (value) throws(ScalarCoercion.Failure) in
      guard case .string(let text) = value else {
        throw ScalarCoercion.Failure("JSONString cannot represent a non string value: \(value.json)")
      }
      do throws(JSONParser.Failure) {
        _ = try JSONParser.parse(text)
      } catch {
        throw ScalarCoercion.Failure("Badly formed JSONString: \(error.message)")
      }
      return value
    },
    "FlowJexl": .text("FlowJexl"),
    "GroupJexl": .text("GroupJexl"),
    "GenericScalar": .any,
  ]
}
