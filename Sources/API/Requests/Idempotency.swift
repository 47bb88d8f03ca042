import GraphQL
import Logging
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

/// Requests with an idempotency key: carried out once, however often they come.
///
/// Each mutation field notes in its own transaction that it was carried out, and what its payload is about; whoever
/// comes second with the field waits for the first and then takes what it noted. Once all fields are through, the
/// response is kept and answers every repetition. A request that breaks off in between is taken up by its next
/// repetition where it broke off.
///
/// Source: draft-ietf-httpapi-idempotency-key-header.
extension GraphQLService {
  /// Forgets requests that are older than the setting says.
  public func forgetRequests() async {
    guard database.isAvailable else { return }
    do {
      try await IdempotencyStore.clean(olderThan: settings.idempotencyAge, in: database)
    } catch {
      logger.warning("Old idempotency keys could not be removed.", metadata: ["cause": "\(error)"])
    }
  }

  /// A larger response is made again from what the fields have noted.
  private static let largestKept = 1 << 20

  static func executeOnce(_ prepared: Prepared, _ context: APIContext) async -> GraphQLResponse {
    guard let key = context.idempotency, prepared.plan.operation == .mutation else {
      return await execute(prepared, context).response
    }
    do {
      let known = try await IdempotencyStore.response(to: key, from: context.database, deadline: context.deadline)
      if let known { return GraphQLResponse(known, isReplay: true) }
    } catch is IdempotencyStore.KeyReused {
      return GraphQLRefusal(.keyReused, [context.masked(MillraceError.keyReused)]).response
    } catch {
      let shown = context.masked(error)
      return GraphQLRefusal(shown.code == "UNAVAILABLE" ? .unavailable : .partial, [shown]).response
    }
    let (response, errors) = await execute(prepared, context)
    let codes = Set(errors.compactMap(\.code))
    if codes.contains(MillraceError.Code.idempotencyKeyReused.rawValue) {
      return GraphQLResponse(outcome: .keyReused, body: response.body)
    }
    guard codes.isDisjoint(with: passing), response.body.count <= largestKept else { return response }
    let kept = try? await IdempotencyStore.keep(
      IdempotencyStore.Response(body: response.body, hasErrors: !errors.isEmpty), to: key, in: context.database,
      deadline: context.deadline)
    // Whoever was faster has the say, so that all get the same response.
    return kept.flatMap { $0 }.map { GraphQLResponse($0, isReplay: false) } ?? response
  }

  /// Errors that the same request may not meet the next time.
  private static let passing = Set(
    [MillraceError.Code.unavailable, .conflict, .deadlineExceeded, .outcomeUnknown, .internalError].map(\.rawValue))
}

extension GraphQLResponse {
  fileprivate init(_ stored: IdempotencyStore.Response, isReplay: Bool) {
    self.init(outcome: stored.hasErrors ? .partial : .executed, body: stored.body, isReplay: isReplay)
  }
}

extension GraphQLRequest {
  /// - Parameter language: of the texts that the request brings.
  func idempotency(language: String) -> IdempotencyKey? {
    guard let idempotencyKey else { return nil }
    var text = ContiguousArray<UInt8>()
    for part in [operationName ?? "", documentID ?? "", documentHash ?? "", language, Value.object(variables).json] {
      text += Array(part.utf8)
      text.append(0)
    }
    text += query
    return IdempotencyKey(caller: caller.user ?? "", key: idempotencyKey, fingerprint: SHA256.hex(text))
  }
}
