import Flows
import WorkflowEngine

/// Where code starts cases when it does not say so.
enum FlowHost: Sendable {
  case service(CaseService)
  /// In the mutation of a receiver or handler.
  case mutation(ReceiverContext)

  @TaskLocal static var current: FlowHost?

  /// Lets `body` start cases here.
  func run<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    try await Self.$current.withValue(self, operation: body)
  }
}

extension FlowPlace {
  /// Starts a case here: `SampleFlow.start.run(schedule: 42)`. What is given is the data of the case. In a receiver or a
  /// handler the case begins with its mutation; in a job, and within `CaseService.flows`, at once.
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
    let started: EntityID?
    switch FlowHost.current {
    case .service(let service): started = try await service.run(CaseService.Request(command: command)).caseID
    case .mutation(let context): started = try await context.run(command).caseID
    case nil:
      throw MillraceError(.invalidState, "Flows are started in receivers, handlers and jobs, or within `CaseService.flows`.")
    }
    guard let started else { throw MillraceError(.invalidState, "The flow has started no case.") }
    return started
  }
}

extension CaseService {
  /// Lets `body` start cases of flows here: `SampleFlow.start.run()`.
  public func flows<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    try await FlowHost.service(self).run(body)
  }
}
