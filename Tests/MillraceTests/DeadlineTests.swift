import Millrace
import Postgres
import Testing
import WorkflowEngine
import WorkflowStore

@Suite("Deadlines in the server")
struct DeadlineTests {
  @Test("a deadline that passes gives the item to others and begins what its boundary says, once, with two servers")
  func escalation() async throws {
    try await OrderFixture.with { fixture in
      let editor = CaseService.Editor(caller: Caller(), language: "en")
      var node = NodeDefinition()
      node.boundaries = [BoundaryDefinition(.deadline, target: "review", isInterrupting: false)]
      node.escalation = EscalationRule(assignment: .users(["jim"]), addressGroups: "['chiefs']|groups")
      var task = DefinitionStore.TaskInput(slug: "draft", type: .simple, name: "draft")
      task.node = .given(node)
      try await fixture.service.saveTask(task, by: editor)
      let id = try await fixture.start()
      let item = try await fixture.ready("draft", of: id)
      // A deadline that is moved before it comes is not told.
      for pause in [2_000_000, 1_000_000] as [Int64] {
        var save = SaveWorkItem(id: item)
        save.deadline = .some(Timestamp.now().microseconds + pause)
        _ = try await fixture.service.run(CaseService.Request(command: .saveWorkItem(save), caller: Caller(user: "ann")))
      }
      try await fixture.withJobWorker { _ in
        try await fixture.withJobWorker { _ in
          try await fixture.wait("select not exists (select 1 from scheduled_work)")
        }
      }
      let told = try await fixture.texts(
        "select name || ' ' || count(*) from events where name in ('post_overdue_work_item', 'pre_reassign_work_item', 'post_reassign_work_item') group by name order by name")
      #expect(told == ["post_overdue_work_item 1", "post_reassign_work_item 1", "pre_reassign_work_item 1"])
      let items = try await fixture.texts(
        "select task || ' ' || status || ' ' || assigned_users::text || ' ' || addressed_groups::text from work_items order by created_at, id")
      #expect(items == ["draft ready {jim} {chiefs}", "review ready {} {}"])
    }
  }
}
