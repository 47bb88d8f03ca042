import Millrace
import Postgres
import Testing
import WorkflowEngine

/// A case on its way to where a sequence begins.
struct SequenceWalk: Sendable {
  let fixture: OrderFixture
  let id: EntityID

  func item(_ task: String) async throws -> EntityID {
    var parameters = Parameters()
    parameters.append(id.uuid)
    parameters.append(task)
    let rows = try await fixture.database.query(
      "select id from work_items where family = $1 and task = $2 order by created_at desc limit 1", parameters)
    try #require(rows.count == 1)
    return EntityID(rows.uuid(0, 0))
  }

  func run(_ command: Command) async throws {
    _ = try await fixture.service.run(CaseService.Request(command: command, caller: Caller(user: "ann")))
  }

  /// Several commands are one bulk mutation.
  func run(_ commands: [Command]) async throws {
    guard commands.count > 1 else { return try await run(commands[0]) }
    let requests = commands.map { CaseService.Request(command: $0, caller: Caller(user: "ann")) }
    try await fixture.service.runAll(requests, deadline: nil)
  }

  func complete(_ tasks: String...) async throws {
    for task in tasks { try await run(.completeWorkItem(try await item(task))) }
  }

  /// A case of another family, which comes after this one.
  func another(_ workflow: String) async throws -> SequenceWalk {
    let start = try await fixture.service.run(
      CaseService.Request(command: .startCase(StartCase(workflow: workflow))))
    return SequenceWalk(fixture: fixture, id: try #require(start.caseID))
  }

  /// A job whose attempts have all failed.
  func failed(_ task: String) async throws -> EntityID {
    let job = try await item(task)
    try await run(.startJob(job))
    try await run(.failJob(job, WorkItemFailure(message: "no paper", isFinal: true)))
    return job
  }

  /// The child case.
  func child() async throws -> EntityID {
    var parameters = Parameters()
    parameters.append(id.uuid)
    let rows = try await fixture.database.query("select id from cases where family = $1 and id <> $1", parameters)
    try #require(rows.count == 1)
    return EntityID(rows.uuid(0, 0))
  }

  /// With a child case `sub` of `w1`.
  func withChild() async throws -> SequenceWalk {
    try await run(.startCase(StartCase(workflow: "sub", parentWorkItem: try await item("w1"))))
    return self
  }
}
