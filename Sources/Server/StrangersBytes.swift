import API
import GraphQL
import HTTPServer

/// What the server makes of bytes from strangers before it knows who they are, without a socket, for fuzzing.
package enum StrangersBytes {
  /// Everything that is decided about a request to `/graphql` before it is executed. Answers it as text.
  package static func outcome(of request: HTTPRequest) -> String {
    let format = ResponseFormat(accept: request.list("accept"), profile: .draft2026)
    let purpose = EventStreams.purpose(of: request)
    let upgrade = WebSocketHandshake.isOffered(by: request) ? try? WebSocketHandshake(request) : nil
    let coding = Compression.choose(request.list("accept-encoding"))
    let content = Result { () throws(Rejection) in
      try GraphQLOverHTTP.admit(request, limits: Limits(), protection: .on, origins: ["https://a.example"])
    }
    let outcome =
      switch content {
      case .success(.one(let read)): "one \(String(decoding: read.query, as: UTF8.self)) \(read.operationName ?? "")"
      case .success(.batch(let reads)): "batch of \(reads.count)"
      case .failure(let rejection): "\(rejection.response(format ?? ResponseFormat(.json, .compatible)).status)"
      }
    return "\(outcome) \(purpose.map { "\($0)" } ?? "") \(upgrade?.accept ?? "") \(coding.map { "\($0)" } ?? "")"
  }

  /// A conversation in `graphql-transport-ws`: the messages of a client, who is let in at once and whose operations
  /// all end at once. Answers the messages of the server; the last is the close, if it came to one.
  package static func conversation(_ messages: [ContiguousArray<UInt8>]) -> [ContiguousArray<UInt8>] {
    var machine = GraphQLSocketProtocol(maximumOperations: 4, maximumDepth: 64)
    var sent: [ContiguousArray<UInt8>] = []
    for message in messages {
      var actions = machine.received(message)[...]
      while let action = actions.popFirst() {
        switch action {
        case .send(let bytes): sent.append(bytes)
        case .close(let code, let reason):
          precondition((4_400...4_500).contains(code), "a close that the protocol does not know")
          return sent + [ContiguousArray("\(code) \(reason)".utf8)]
        case .authenticate: actions += machine.authenticated(true)
        case .begin(let id, let parameters):
          // An odd number of bytes: the operation goes on.
          guard message.count % 2 == 0 else { continue }
          if (try? GraphQLRequest(parameters: parameters, limits: Limits())) == nil {
            actions += machine.failed(id, errors: ContiguousArray("[]".utf8))
          } else {
            actions += machine.next(id, ContiguousArray("{}".utf8)) + machine.completed(id)
          }
        case .cancel(let id): precondition(!machine.isRunning(id), "an operation that was completed goes on")
        }
      }
    }
    return sent
  }
}
