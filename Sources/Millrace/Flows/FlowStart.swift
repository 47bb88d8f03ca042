import Flows
import WorkflowEngine

/// Where code starts cases and acts on work items when it does not say so.
enum FlowHost: Sendable {
  case service(CaseService, Caller)
  /// In the mutation of a receiver or handler.
  case mutation(ReceiverContext)

  @TaskLocal static var current: FlowHost?

  static func require() throws(MillraceError) -> FlowHost {
    guard let current else {
      throw MillraceError(
        .invalidState, "This is for receivers, handlers and jobs, or within `CaseService.flows`.")
    }
    return current
  }

  func run(_ command: Command) async throws -> CaseService.Outcome {
    switch self {
    case .service(let service, let caller):
      try await service.run(CaseService.Request(command: command, caller: caller))
    case .mutation(let context): try await context.run(command)
    }
  }

  /// What can be done with a work item now, and why not the rest.
  func offers(of workItem: EntityID) async throws -> [TransitionOffer] {
    switch self {
    case .service(let service, let caller):
      try await service.ask([workItem], caller: caller, deadline: nil) { (execution, id) throws(EngineError) in
        execution.offers(of: id)
      }[workItem] ?? []
    case .mutation(let context): try await context.offers(of: workItem)
    }
  }

  /// Lets `body` start cases here.
  func run<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    try await Self.$current.withValue(self, operation: body)
  }
}

extension FlowPlace {
  /// Starts a case here: `SampleFlow.start.run(schedule: 42)`. What is given is the data of the case. In a receiver or
  /// a handler the case begins with its mutation; in a job, and within `CaseService.flows`, at once.
  public var run: FlowStart { FlowStart(place: self) }

  /// The command that starts a case here.
  public func start(_ data: JSON = .object([])) -> Command {
    .startCase(StartCase(workflow: workflow, data: data.json, trigger: task))
  }
}

/// Starts cases of a flow, with the data of the case as arguments.
@dynamicCallable
public struct FlowStart: Sendable {
  let place: FlowPlace

  /// - Returns: the case.
  @discardableResult
  public func dynamicallyCall(withKeywordArguments arguments: KeyValuePairs<String, JSON>) async throws -> EntityID {
    let command = place.start(.object(arguments.map { JSON.Member(key: $0.key, value: $0.value) }))
    guard let started = try await FlowHost.require().run(command).caseID else {
      throw MillraceError(.invalidState, "The flow has started no case.")
    }
    return started
  }
}

extension CaseService {
  /// Lets `body` start cases of flows here, `SampleFlow.start.run()`, and act on work items: `workItem.activation()`.
  ///
  /// - Parameter caller: who acts.
  @discardableResult
  public func flows<Result>(
    as caller: Caller = Caller(), _ body: () async throws -> Result
  ) async rethrows -> Result {
    try await FlowHost.service(self, caller).run(body)
  }
}
