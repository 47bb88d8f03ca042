import EventLoop
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

@Suite("Definitions")
struct DefinitionTests {
  private let english = CaseService.Editor(caller: Caller(user: "ann", group: "office"), language: "en")
  private let german = CaseService.Editor(caller: Caller(user: "bob"), language: "de")

  @Test("what an input leaves out keeps its value, null clears it, and text is set in one language")
  func partialUpdate() async throws {
    try await OrderFixture.with { [english, german] fixture in
      var task = DefinitionStore.TaskInput(slug: "draft", type: .simple, name: "Draft")
      task.description = .given("Write it")
      task.meta = .given("{\"a\":1}")
      task.leadTime = .given(60)
      task.addressGroups = .given("'office'|groups|intersects([])")
      task.isArchived = .given(true)
      task.addressGroups = .given("['office']")
      try await fixture.service.saveTask(task, by: english)
      var update = DefinitionStore.TaskInput(slug: "draft", type: .completeWorkflowForm, name: "Entwurf")
      update.leadTime = .given(nil)
      try await fixture.service.saveTask(update, by: german)
      let rows = try await fixture.database.query(
        """
        select type, name, description, meta, lead_time is null, is_archived, address_groups, created_by_user,
        modified_by_user, modified_by_group is null from tasks where slug = 'draft'
        """)
      #expect(rows.text(0, 0) == "complete_workflow_form")
      #expect(rows.json(0, 1) == "{\"de\": \"Entwurf\", \"en\": \"Draft\"}")
      #expect(rows.json(0, 2) == "{\"en\": \"Write it\"}")
      #expect(rows.json(0, 3) == "{\"a\": 1}")
      #expect(rows.bool(0, 4))
      #expect(rows.bool(0, 5))
      #expect(rows.text(0, 6) == "['office']")
      #expect(rows.isNull(0, 7))
      #expect(rows.text(0, 8) == "bob")
      #expect(rows.bool(0, 9))
    }
  }

  @Test("start tasks are replaced as a whole")
  func startTasks() async throws {
    try await OrderFixture.with { [english] fixture in
      try await fixture.service.saveWorkflow(
        DefinitionStore.WorkflowInput(slug: "order", name: "Order", startTasks: ["check", "review", "check"]),
        by: english)
      let id = try await fixture.start()
      _ = try await fixture.ready("check", of: id)
      _ = try await fixture.ready("review", of: id)
      let items = try await fixture.count("select count(*) from work_items")
      #expect(items == 2)
    }
  }

  @Test("a flow takes its tasks out of their earlier flows, and only those; an empty flow goes away")
  func flows() async throws {
    try await OrderFixture.with { [english] fixture in
      func flows() async throws -> [String] {
        let rows = try await fixture.database.query(
          """
          select string_agg(t.task, '+' order by t.position) || ' -> ' || f.next from flows f
          join task_flows t on t.flow = f.id group by f.id order by f.created_at, f.id
          """)
        return (0..<rows.count).map { rows.text($0, 0) }
      }
      try await fixture.service.addFlow(
        CaseService.FlowInput(workflow: "order", tasks: ["review"], next: "'draft'|task", redoable: nil), by: english)
      var found = try await flows()
      #expect(
        found == [
          "draft -> ['review', 'check']|tasks", "check -> 'send'|task", "review -> 'draft'|task",
        ])
      try await fixture.service.addFlow(
        CaseService.FlowInput(workflow: "order", tasks: ["check", "draft"], next: "'send'|task", redoable: nil),
        by: english)
      found = try await flows()
      #expect(found == ["review -> 'draft'|task", "check+draft -> 'send'|task"])
      let id = EntityID(
        try await fixture.database.query("select flow from task_flows where task = 'review'").uuid(0, 0))
      try await fixture.service.removeFlow(id, by: english) { _ in }
      let gone = await #expect(throws: MillraceError.self) {
        try await fixture.service.removeFlow(id, by: english) { _ in }
      }
      #expect(gone == MillraceError(.notFound, "No Flow matches the given query."))
      let orphans = try await fixture.count(
        "select count(*) from flow_next_tasks n where not exists (select 1 from flows f where f.id = n.flow)")
      #expect(orphans == 0)
    }
  }

  @Test(
    "a flow that cannot work is refused with the reason",
    arguments: [
      ("order", ["draft"], "'send", "Could not parse expression: "),
      ("order", ["draft"], "'send'|tusk", "The `tusk` transform is undefined."),
      ("order", ["draft"], "'send'|tasks", "`send` is not a valid list of tasks."),
      ("order", ["draft"], "['send']|task", "`['send']` is not a valid task slug."),
      ("order", ["draft"], "'gone'|task", "The task `gone` does not exist or is not registered as dynamic task"),
      ("order", ["draft"], "[]", "Either `next` or `redoable` must contain tasks"),
      ("order", ["gone"], "'send'|task", "Invalid pk \"gone\" - object does not exist."),
      ("gone", ["draft"], "'send'|task", "Invalid pk \"gone\" - object does not exist."),
      ("order", [], "'send'|task", "This list may not be empty."),
    ])
  func refusedFlows(workflow: String, tasks: [String], next: String, message: String) async throws {
    try await OrderFixture.with { [english] fixture in
      let before = try await fixture.count("select revision from definition_revision")
      let error = await #expect(throws: MillraceError.self) {
        try await fixture.service.addFlow(
          CaseService.FlowInput(workflow: workflow, tasks: tasks, next: next, redoable: nil), by: english)
      }
      #expect(error?.code == .invalidInput)
      #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
      let after = try await fixture.count("select revision from definition_revision")
      #expect(before == after)
    }
  }

  @Test("a task that cannot work is refused with the reason")
  func refusedTasks() async throws {
    try await OrderFixture.with { [english] fixture in
      func refusal(_ change: (inout DefinitionStore.TaskInput) -> Void) async -> String? {
        var task = DefinitionStore.TaskInput(slug: "extra", type: .simple, name: "Extra")
        change(&task)
        let input = task
        return await #expect(throws: MillraceError.self) {
          try await fixture.service.saveTask(input, by: english)
        }?.message
      }
      #expect(
        await refusal { $0.slug = "a b" }
          == "Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens.")
      #expect(
        await refusal { $0.slug = String(repeating: "a", count: 128) }
          == "Ensure this field has no more than 127 characters.")
      #expect(await refusal { $0.name = " " } == "This field may not be blank.")
      #expect(await refusal { $0.leadTime = .given(-1) } == "Ensure this value is greater than or equal to 0.")
      #expect(
        await refusal { $0.continueAsync = .given(true) } == "Only multiple instance tasks can continue asynchronously")
      #expect(await refusal { $0.addressGroups = .given("'a'|groups") } == "a is not a valid list of groups.")
      #expect(await refusal { $0.controlGroups = .given("1 +") }?.hasPrefix("Could not parse expression: ") == true)
      #expect(
        await refusal { $0.meta = .given("{\"a\": \"\\u0000\"}") } == "Text must not contain the character U+0000.")
      #expect(await refusal { $0.name = "a\0b" } == "Text must not contain the character U+0000.")
    }
  }

  @Test("a change of a definition counts for the next command of every other server")
  func staleCache() async throws {
    try await OrderFixture.with { [english] fixture in
      try await fixture.withSecondService { second in
        for round in 0..<20 {
          let id = try await fixture.start()
          let draft = try await fixture.ready("draft", of: id)
          let slug = "next-\(round)"
          try await fixture.service.saveTask(
            DefinitionStore.TaskInput(slug: slug, type: .simple, name: slug), by: english)
          try await fixture.service.addFlow(
            CaseService.FlowInput(workflow: "order", tasks: ["draft"], next: "'\(slug)'|task", redoable: nil),
            by: english)
          try await second.run(CaseService.Request(command: .completeWorkItem(draft)))
          _ = try await fixture.ready(slug, of: id)
        }
      }
    }
  }

  @Test("a command sees definitions of one moment while others change them")
  func tornDefinitions() async throws {
    try await OrderFixture.with { [english] fixture in
      var items: [EntityID] = []
      for _ in 0..<60 { items.append(try await fixture.ready("draft", of: try await fixture.start())) }
      let drafts = items
      try await fixture.withSecondService { second in
        async let completions: Void = {
          for draft in drafts { try await second.run(CaseService.Request(command: .completeWorkItem(draft))) }
        }()
        for round in 0..<60 {
          let slug = "next-\(round)"
          try await fixture.service.saveTask(
            DefinitionStore.TaskInput(slug: slug, type: .simple, name: slug), by: english)
          try await fixture.service.addFlow(
            CaseService.FlowInput(workflow: "order", tasks: ["draft"], next: "'\(slug)'|task", redoable: nil),
            by: english)
        }
        try await completions
      }
      let ended = try await fixture.count("select count(*) from cases where status <> 'running'")
      #expect(ended == 0)
    }
  }

  @Test("a work item's texts keep the languages that a change does not speak of; without text it has its task's")
  func workItemTexts() async throws {
    try await OrderFixture.with { fixture in
      let item = try await fixture.ready("draft", of: try await fixture.start())
      func name(after change: String) async throws -> String {
        let save = SaveWorkItem(id: item, name: change)
        _ = try await fixture.service.run(CaseService.Request(command: .saveWorkItem(save)))
        return try await fixture.database.query("select name from work_items").json(0, 0)
      }
      #expect(try await name(after: "{\"de\": \"Entwürfe\"}") == "{\"de\": \"Entwürfe\", \"en\": \"draft\"}")
      #expect(try await name(after: "{\"en\": \"\"}") == "{\"de\": \"Entwürfe\", \"en\": \"\"}")
      #expect(try await name(after: "{\"de\": \"\"}") == "{\"en\": \"draft\"}")
      #expect(try await name(after: "{}") == "{\"en\": \"draft\"}")
    }
  }

  @Test("the group of a case that an anonymous client started is nobody's, not that of who acts on it")
  func groupOfCase() async throws {
    try await OrderFixture.with { [english] fixture in
      var check = DefinitionStore.TaskInput(slug: "check", type: .simple, name: "check")
      check.addressGroups = .given("[info.case.created_by_group || 'nobody', info.work_item.created_by_group]")
      try await fixture.service.saveTask(check, by: english)
      let draft = try await fixture.ready("draft", of: try await fixture.start())
      _ = try await fixture.service.run(
        CaseService.Request(command: .completeWorkItem(draft), caller: Caller(user: "bob", group: "north")))
      let groups = try await fixture.database.query("select addressed_groups from work_items where task = 'check'")
        .textArray(0, 0)
      #expect(groups == ["nobody", "north"])
    }
  }
}
