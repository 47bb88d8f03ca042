import Millrace
import Server

// The example of docs/how-to/extend.md that is a program of its own.

@Sendable func cancelOldCases(_ workflows: WorkflowAPI) async throws {
  let old = try await workflows.query("select id from cases where status = 'running' and created_at < now() - interval '1 year'")
  for row in 0..<old.count {
    try await workflows.cancelCase(old.entityID(row, 0))
  }
}
