import GraphQL
import Millrace
import Postgres
import WorkflowEngine

/// Mutations of jobs, for workers elsewhere and for people; signals and messages.
enum JobMutations {
  static let handlers: [String: MutationSource.Handler] = [
    "heartbeatJob": { (input, context) in
      let id = try jobID(input)
      try await context.service.heartbeatJob(id, token: token(input), lease: lease(input))
      return .uuid(id.uuid)
    },
    "completeJob": { (input, context) in
      let item = try await context.service.completeJob(try jobID(input), token: token(input),
        result: HandlerResult(data: try json(input, "data"), artifacts: try CaseMutations.artifacts(input)),
        mark: context.mark)
      return item.map { .uuid($0.uuid) } ?? .null
    },
    "failJob": { (input, context) in
      let id = try jobID(input)
      let failure = JobFailure(
        input["code"]?.string ?? "FAILED", input.text("message"), isFinal: input["isFinal"]?.boolean ?? false,
        retryAfter: input["retryAfter"]?.int.map { max(0, Int64($0)) * 1_000 })
      try await context.service.failJob(id, token: token(input), failure, mark: context.mark)
      return .uuid(id.uuid)
    },
    "retryJob": { (input, context) in
      let id = try jobID(input)
      try await context.service.retryJob(id, by: context.caller, mark: context.mark, deadline: context.deadline)
      return .uuid(id.uuid)
    },
    "discardJob": { (input, context) in
      try await context.service.discardJob(try jobID(input), mark: context.mark, deadline: context.deadline)
      return .null
    },
  ]

  static let withExtra: [String: MutationSource.ExtraHandler] = [
    "claimJobs": { (input, context) in
      let handlers = (input["handlers"]?.list ?? []).compactMap(\.string)
      let token = try await context.service.claimJobs(
        handlers, worker: input.text("worker"), limit: input["limit"]?.int.map { Int($0) } ?? 1, lease: lease(input),
        mark: context.mark)
      return (.uuid(token.uuid), .text(token.description))
    },
    "broadcastSignal": { (input, context) in
      let receivers = try await context.service.broadcastSignal(
        try signal(input), by: context.caller, mark: context.mark, deadline: context.deadline)
      return (.null, .value(.int(Int64(receivers))))
    },
    "deliverMessage": { (input, context) in
      if input["workItem"]?.string != nil {
        let item = EntityID(try input.id("workItem", of: "WorkItem"))
        var request = CaseService.Request(
          command: .deliver(Delivery(to: item, payload: try json(input, "payload"))), caller: context.caller,
          deadline: context.deadline)
        request.mark = context.mark
        _ = try await context.service.run(request)
        return (.uuid(item.uuid), .value(.boolean(true)))
      }
      guard input["name"]?.string != nil else {
        throw MillraceError(.invalidInput, "A message goes to a work item, or to who waits for its name.")
      }
      let isDelivered = try await context.service.sendMessage(
        try signal(input), by: context.caller, mark: context.mark, deadline: context.deadline)
      return (.null, .value(.boolean(isDelivered)))
    },
  ]

  private static func jobID(_ input: MutationInput) throws(MillraceError) -> EntityID {
    EntityID(try input.id("job", of: "Job"))
  }

  private static func token(_ input: MutationInput) -> String { input.text("token") }

  /// In milliseconds; a client says seconds.
  private static func lease(_ input: MutationInput) -> Int64 { (input["lease"]?.int.map { Int64($0) } ?? 30) * 1_000 }

  /// JSON text as it was sent.
  private static func json(_ input: MutationInput, _ name: String) throws(MillraceError) -> String? {
    try input.given(name)?.string
  }

  private static func signal(_ input: MutationInput) throws(MillraceError) -> CaseService.SignalInput {
    CaseService.SignalInput(
      name: input.text("name"), correlation: input["correlationKey"]?.string,
      payload: try json(input, "payload") ?? "{}", messageID: input["messageId"]?.string,
      timeToLive: input["timeToLive"]?.int.map { Int64($0) })
  }
}
