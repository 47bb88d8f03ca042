import API
import GraphQL
import HTTPServer

/// An answer instead of an execution.
struct Rejection: Error {
  enum Reason {
    /// What is wrong is HTTP's; the status is the same for every client.
    case status(Int)
    /// What is wrong is the request's parameters; the format decides.
    case parameters
  }

  let reason: Reason
  let error: GraphQLError
  private let fields: [(name: String, value: String)]

  init(_ status: Int, _ code: String, _ message: String, fields: [(name: String, value: String)] = []) {
    reason = .status(status)
    error = GraphQLError(message, code: code)
    self.fields = fields
  }

  /// Of the parameters of a request that could be read.
  init(_ error: GraphQLError) {
    reason = .parameters
    self.error = error
    fields = []
  }

  /// Of a body that was not taken.
  init(_ refusal: HTTPRefusal) {
    self.init(refusal.status, refusal.code, refusal.message)
  }

  func response(_ format: ResponseFormat) -> HTTPResponse {
    var response: HTTPResponse
    switch reason {
    case .status(let status): response = format.response(GraphQLRefusal(error).response, status: status)
    case .parameters: response = format.response(GraphQLRefusal(error).response)
    }
    response.fields += fields
    response.fields.append(("vary", ResponseFinish.vary))
    response.fields.append(("cache-control", "no-store"))
    return response
  }
}
