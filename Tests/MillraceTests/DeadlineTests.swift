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
        _ = try await fixture.service.run(
          CaseService.Request(command: .saveWorkItem(save), caller: Caller(user: "ann")))
      }
      try await fixture.withJobWorker { _ in
        try await fixture.withJobWorker { _ in
          try await fixture.wait("select not exists (select 1 from scheduled_work)")
        }
      }
      let told = try await fixture.texts(
        "select name || ' ' || count(*) from events where name in ('post_overdue_work_item', 'pre_reassign_work_item', 'post_reassign_work_item') group by name order by name"
      )
      #expect(told == ["post_overdue_work_item 1", "post_reassign_work_item 1", "pre_reassign_work_item 1"])
      let items = try await fixture.texts(
        "select task || ' ' || status || ' ' || assigned_users::text || ' ' || addressed_groups::text from work_items order by created_at, id"
      )
      #expect(items == ["draft ready {jim} {chiefs}", "review ready {} {}"])
    }
  }

  @Test("a deadline that is set to a moment in the past is told at once, each once, whatever is saved then")
  func past() async throws {
    try await OrderFixture.with { fixture in
      let editor = CaseService.Editor(caller: Caller(), language: "en")
      var task = DefinitionStore.TaskInput(slug: "draft", type: .simple, name: "draft")
      task.leadTime = .given(0)
      task.escalation = .given(EscalationRule(addressGroups: "['chiefs']|groups"))
      try await fixture.service.saveTask(task, by: editor)
      let id = try await fixture.start()
      let item = try await fixture.ready("draft", of: id)
      func save(_ change: (inout SaveWorkItem) -> Void) async throws {
        var save = SaveWorkItem(id: item)
        change(&save)
        _ = try await fixture.service.run(
          CaseService.Request(command: .saveWorkItem(save), caller: Caller(user: "ann")))
      }
      try await fixture.withJobWorker { _ in
        try await fixture.withJobWorker { _ in
          let none: SQL = "select not exists (select 1 from scheduled_work)"
          try await fixture.wait(none)
          let groups = try await fixture.texts("select addressed_groups::text from work_items")
          #expect(groups == ["{chiefs}"])
          try await save { $0.meta = "{\"seen\": true}" }
          try await fixture.wait(none)
          try await save { $0.deadline = .some(1_000_000) }
          try await fixture.wait(none)
          try await save { $0.deadline = .some(1_000_000) }
          try await save { $0.name = "{\"en\": \"late\"}" }
          try await fixture.wait(none)
        }
      }
      let told = try await fixture.texts(
        "select name || ' ' || count(*) from events where name in ('post_overdue_work_item', 'post_reassign_work_item') group by name order by name"
      )
      #expect(told == ["post_overdue_work_item 2", "post_reassign_work_item 1"])
    }
  }

  @Test("a deadline that passes while the item is suspended is told when it is resumed")
  func suspended() async throws {
    try await OrderFixture.with { fixture in
      let id = try await fixture.start()
      let item = try await fixture.ready("draft", of: id)
      func run(_ command: Command) async throws {
        _ = try await fixture.service.run(CaseService.Request(command: command, caller: Caller(user: "ann")))
      }
      var save = SaveWorkItem(id: item)
      save.deadline = .some(Timestamp.now().microseconds + 60_000_000)
      try await run(.saveWorkItem(save))
      try await run(.suspendWorkItem(item))
      // The server's clock comes to it.
      try await fixture.database.transaction {
        _ = try await $0.query("update scheduled_work set due_at = now()")
        _ = try await $0.query("update work_items set deadline = now()")
      }
      let told: SQL = "select sender from events where name = 'post_overdue_work_item'"
      try await fixture.withJobWorker { _ in
        try await fixture.wait("select not exists (select 1 from scheduled_work)")
        let early = try await fixture.texts(told)
        #expect(early.isEmpty)
        try await run(.updateCase(UpdateCase(id: id, workflow: "order", meta: "{\"seen\": true}")))
        try await run(.resumeWorkItem(item))
        try await fixture.wait("select not exists (select 1 from scheduled_work)")
      }
      let late = try await fixture.texts(told)
      #expect(late.count == 1)
    }
  }
}
