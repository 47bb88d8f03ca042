import GraphQL

/// The responses of one operation, for transports that carry several: one of a query or a mutation, one for each
/// event of a subscription. Pulled: the next one is made when it is asked for. On the loop's thread.
public final class OperationResponses: @unchecked Sendable {  // confined to its loop's thread
  private enum State {
    case asked(GraphQLRequest)
    case streaming(ResponseStream, Latest, UserOperations.Place?)
    case ended
  }

  /// The context of the event that is answered.
  private final class Latest {
    var context: APIContext?
  }

  private let service: GraphQLService
  private var state: State

  /// One response. Its outcome tells whether the operation was refused, or its stream broke: nothing follows then.
  public struct Response: Sendable {
    public let response: GraphQLResponse
    /// Names the event it answers, for a client that may have to go on behind it.
    public let eventID: String?
  }

  init(service: GraphQLService, request: GraphQLRequest) {
    self.service = service
    state = .asked(request)
  }

  /// Waits for the next response; nil when there is none.
  public func next() async -> Response? {
    if case .asked(let request) = state {
      guard let single = await open(request) else { return await next() }
      state = .ended
      return Response(response: single, eventID: nil)
    }
    guard case .streaming(let stream, let latest, _) = state else { return nil }
    do throws(GraphQLError) {
      if let body = try await stream.next() {
        return Response(response: GraphQLResponse(outcome: .executed, body: body), eventID: latest.context?.eventID)
      }
      state = .ended
      return nil
    } catch {
      state = .ended
      return Response(response: GraphQLRefusal(.rejected, [error]).response, eventID: nil)
    }
  }

  /// The response of an operation that has one; nil when it streams, or was cancelled meanwhile.
  private func open(_ request: GraphQLRequest) async -> GraphQLResponse? {
    let prepared: GraphQLService.Prepared
    do throws(GraphQLRefusal) {
      prepared = try service.prepare(request)
    } catch {
      return error.response
    }
    guard prepared.plan.operation == .subscription else { return await service.response(prepared, request) }
    guard service.isDatabaseAvailable else { return GraphQLService.unavailable.response }
    let place: UserOperations.Place?
    switch service.operations.begin(request.caller) {
    case .failure(let refusal): return refusal.response
    case .success(let granted): place = granted
    }
    let latest = Latest()
    do throws(GraphQLError) {
      let stream = try await ResponseStream(plan: prepared.plan, variables: prepared.variables) { [service] in
        let context = service.context(request)
        latest.context = context
        return context
      }
      guard case .asked = state else {
        stream.cancel()
        return nil
      }
      state = .streaming(stream, latest, place)
      return nil
    } catch {
      return GraphQLRefusal(.rejected, [error]).response
    }
  }

  /// Ends a subscription; a waiting `next` answers nil. What a mutation does is done nevertheless.
  public func cancel() {
    if case .streaming(let stream, _, _) = state { stream.cancel() }
    state = .ended
  }
}

extension GraphQLService {
  /// Opens an operation for a transport that carries several responses.
  public func open(_ request: GraphQLRequest) -> OperationResponses {
    request.isStreamed = true
    return OperationResponses(service: self, request: request)
  }

  /// Whether the request asks for a subscription, and nothing is wrong with it.
  public func isSubscription(_ request: GraphQLRequest) -> Bool {
    let transport = request.isStreamed
    defer { request.isStreamed = transport }
    request.isStreamed = true
    return (try? prepare(request))?.plan.operation == .subscription
  }

  /// Runs an operation that has one response.
  fileprivate func response(_ prepared: Prepared, _ request: GraphQLRequest) async -> GraphQLResponse {
    await withCheckedContinuation { continuation in
      let answer = run(prepared, request) { continuation.resume(returning: $0) }
      if let answer { continuation.resume(returning: answer) }
    }
  }
}
