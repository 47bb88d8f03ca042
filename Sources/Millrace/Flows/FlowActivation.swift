import Logging
import Postgres
import WorkflowEngine

/// A node's work item while a closure of a flow runs for it, within the mutation that has come to the node. What the
/// closure changes is stored with the mutation, or not at all.
public final class FlowActivation: @unchecked Sendable {  // used on the loop's thread, within the closure's call
  public let request: NodeHandlerRequest
  /// What receivers may do, a closure may do as well.
  public let context: ReceiverContext
  /// The data of the case. Changes are stored when the closure returns.
  public var caseData: JSON
  /// The data of the work item. Changes are stored when the closure returns.
  public var data: JSON

  /// What the case points to. Changes are stored when the closure returns.
  public var caseArtifacts: Artifacts
  /// What the work item points to. Changes are stored when the closure returns.
  public var artifacts: Artifacts

  init(_ request: NodeHandlerRequest, _ context: ReceiverContext) {
    self.request = request
    self.context = context
    caseData = request.caseData
    data = request.data
    caseArtifacts = Artifacts(request.case.artifacts)
    artifacts = Artifacts(request.workItem.activation.artifacts)
  }

  public var `case`: Case { request.case }
  public var workItem: WorkItem { request.workItem }
  public var user: Caller { request.user }

  /// Runs a statement in the mutation's transaction.
  @discardableResult
  public func query(_ sql: SQL, _ parameters: Parameters = Parameters()) async throws -> Rows {
    try await context.query(sql, parameters)
  }

  var result: HandlerResult {
    HandlerResult(
      data: data == request.data ? nil : data.json, caseData: caseData == request.caseData ? nil : caseData.json,
      artifacts: artifacts.all == request.workItem.activation.artifacts ? nil : artifacts.all,
      caseArtifacts: caseArtifacts.all == request.case.artifacts ? nil : caseArtifacts.all)
  }
}

/// The work of a node of a flow.
public typealias FlowClosure = @Sendable (FlowActivation) async throws -> Void
