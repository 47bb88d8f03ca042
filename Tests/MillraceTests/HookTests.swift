import EventLoop
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

@Suite("Hooks")
struct HookTests {
  /// A function that writes what it is told into `effects`.
  @Sendable static func write(_ call: HookCall, _ context: HookContext) async throws {
    var parameters = Parameters()
    parameters.append(call.name)
    parameters.append(call.event.rawValue)
    parameters.append(call.case.family.uuid)
    parameters.append(call.sequence)
    parameters.append(call.transition.map { "\($0.source ?? "-")>\($0.destination) \($0.transactioner ?? "-")" })
    try await context.query(
      "insert into effects (hook, event, family, seq, transition) values ($1, $2, $3, $4, $5)", parameters)
  }

  private struct Refused: Error, CustomStringConvertible {
    let description = "not today"
  }

  static func with(
    backend: any HookBackend = DatabaseHookBackend(), settings: HookSettings = .test,
    _ register: @escaping @Sendable (inout ReceiverRegistry) -> Void = { _ in },
    _ body: @escaping @Sendable (OrderFixture) async throws -> Void
  ) async throws {
    try await OrderFixture.with(backend: backend, settings: settings) { registry in
      registry.hookFunction("write", Self.write)
      registry.hookFunction("refuse") { _, context in
        try await context.query("insert into effects (hook, event) values ('refused', '')")
        throw Refused()
      }
      register(&registry)
    } _: { fixture in
      _ = try await fixture.database.transaction { transaction in
        try await transaction.query(
          "create table effects (hook text, event text, family uuid, seq bigint, transition text, at timestamptz default clock_timestamp())"
        )
      }
      try await body(fixture)
    }
  }

  static func input(
    _ name: String, _ trigger: Hook.Trigger, _ function: String = "write"
  ) -> HookInput {
    var input = HookInput(name: name)
    input.trigger = .given(trigger)
    input.action = .given(.function(function))
    return input
  }

  @Test("callbacks get the object, the task that moved, and the transition with source, destination and transactioner")
  func transitions() async throws {
    try await Self.with { fixture in
      _ = try await fixture.service.hookPreTransition(
        "pre", function: "write", for: .class(workflow: "order"), source: "draft")
      _ = try await fixture.service.hookPostTransition(
        "post", function: "write", for: .class(workflow: "order"), destination: "send")
      _ = try await fixture.service.hookPostTransition(
        "begin", function: "write", for: .class(workflow: "order"), destination: "draft")
      try await fixture.withWorker { _ in
        let id = try await fixture.start()
        for task in ["draft", "review", "check"] { try await fixture.complete(task, of: id) }
        try await fixture.wait("select count(*) = 4 from effects")
      }
      let found = try await fixture.texts(
        "select hook || ' ' || event || ' ' || transition from effects order by hook, seq")
      #expect(
        found == [
          "begin post_create_work_item ->draft ann", "post post_create_work_item check>send bob",
          "pre pre_create_work_item draft>review bob", "pre pre_create_work_item draft>check bob",
        ])
    }
  }

  @Test("on-complete callbacks come with the finished case, before and after")
  func completion() async throws {
    try await Self.with { fixture in
      _ = try await fixture.service.hookPreComplete("pre", function: "write", for: .class(workflow: "order"))
      _ = try await fixture.service.hookPostComplete("post", function: "write", for: .class(workflow: "order"))
      try await fixture.withWorker { _ in
        let id = try await fixture.start()
        for task in ["draft", "review", "check", "send"] { try await fixture.complete(task, of: id) }
        try await fixture.wait("select count(*) = 2 from effects")
      }
      let found = try await fixture.texts("select hook || ' ' || event from effects order by seq")
      #expect(found == ["pre pre_complete_case", "post post_complete_case"])
    }
  }

  @Test("a before-hook that rolls back vetoes the mutation; one that ignores errors is undone by itself")
  func veto() async throws {
    try await Self.with { fixture in
      let id = try await fixture.start()
      let hook = try await fixture.service.hookPreTransition(
        "veto", function: "refuse", for: .class(workflow: "order"), destination: "review")
      let error = await #expect(throws: MillraceError.self) { try await fixture.complete("draft", of: id) }
      #expect(error == MillraceError(.receiverFailed, "not today"))
      _ = try await fixture.ready("draft", of: id)
      var change = HookInput(id: hook)
      change.onError = .given(.ignore)
      try await fixture.service.saveHook(change)
      try await fixture.complete("draft", of: id)
      let effects = try await fixture.count("select count(*) from effects")
      #expect(effects == 0)
    }
  }

  @Test("scope and filter decide: a hook of one workflow, case or task never fires for another")
  func scope() async throws {
    try await Self.with { fixture in
      let editor = CaseService.Editor(caller: Caller(), language: "en")
      try await fixture.service.saveWorkflow(
        DefinitionStore.WorkflowInput(slug: "other", name: "Other", startTasks: ["draft"]), by: editor)
      let id = try await fixture.start()
      let second = try await fixture.start()
      _ = try await fixture.service.hookPreComplete("of other", function: "write", for: .class(workflow: "other"))
      _ = try await fixture.service.hookPreTransition("of case", function: "write", for: .object(id), source: "draft")
      var filtered = Self.input("filtered", .event(.preCompleteWorkItem))
      filtered.task = .given("review")
      filtered.filter = .given("case.workflow == 'order' && user == 'bob' && workItem.status == 'ready'")
      try await fixture.service.saveHook(filtered)
      filtered.name = "filtered out"
      filtered.filter = .given("user == 'eve'")
      try await fixture.service.saveHook(filtered)
      for task in ["draft", "review", "check", "send"] {
        try await fixture.complete(task, of: id)
        try await fixture.complete(task, of: second)
      }
      let found = try await fixture.texts("select hook || ' ' || count(*) from effects group by hook order by hook")
      #expect(found == ["filtered 2", "of case 2"])
    }
  }

  @Test("changed, disabled and removed hooks obey at once, in every process")
  func change() async throws {
    try await Self.with { fixture in
      let id = try await fixture.service.saveHook(Self.input("hook", .event(.preCompleteWorkItem))).id
      let order = try await fixture.start()
      try await fixture.withSecondService { second in
        func complete(_ task: String) async throws {
          let item = try await fixture.ready(task, of: order)
          try await second.run(CaseService.Request(command: .completeWorkItem(item)))
        }
        try await complete("draft")
        var disabled = HookInput(id: id)
        disabled.isEnabled = .given(false)
        try await fixture.service.saveHook(disabled)
        try await complete("review")
        disabled.isEnabled = .given(true)
        disabled.name = "renamed"
        try await fixture.service.saveHook(disabled)
        try await complete("check")
        try await fixture.service.removeHook(id)
        try await complete("send")
      }
      let found = try await fixture.texts("select hook from effects order by seq")
      #expect(found == ["hook", "renamed"])
    }
  }

  @Test(
    "what the function of an after-hook writes is undone when it fails; it is tried again, and in the end it is dead")
  func retries() async throws {
    let notes = Notes()
    try await Self.with { registry in
      registry.hookFunction("second time") { call, context in
        notes.add("\(call.attempt) \(call.delivery?.description ?? "")")
        try await Self.write(call, context)
        if call.attempt < 2 { _ = try await context.query("select 1 / 0") }
      }
    } _: { fixture in
      try await fixture.service.saveHook(Self.input("works", .event(.postCreateCase), "second time"))
      try await fixture.service.saveHook(Self.input("fails", .event(.postCreateCase), "refuse"))
      try await fixture.withWorker { _ in
        _ = try await fixture.start()
        try await fixture.wait("select count(*) = 2 from hook_deliveries where finished_at is not null")
      }
      let found = try await fixture.texts(
        """
        select h.name || ' ' || d.status || ' ' || d.attempts || ' ' || coalesce(d.last_error, '-')
        from hook_deliveries d join hooks h on h.id = d.hook order by 1
        """)
      #expect(found == ["fails dead 3 not today", "works delivered 2 -"])
      let effects = try await fixture.texts("select hook from effects")
      #expect(effects == ["works"])
    }
    #expect(notes.all.count == 2)
    #expect(Set(notes.all.map { $0.split(separator: " ")[1] }).count == 1, "An attempt has the id of the one before.")
  }

  @Test("deliveries go away with a mutation that fails, and a mutation that ends well has one for each hook")
  func outbox() async throws {
    try await Self.with { registry in
      registry.on(.postCompleteWorkItem, raiseException: true, filter: filterEvents { $0.workItem?.task == "review" }) {
        _, context in
        try await context.query("select 1")
        throw Refused()
      }
    } _: { fixture in
      try await fixture.service.saveHook(Self.input("a", .event(.postCompleteWorkItem)))
      try await fixture.service.saveHook(Self.input("b", .event(.postCompleteWorkItem)))
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      _ = try? await fixture.complete("review", of: id)
      let waiting = try await fixture.count("select count(*) from hook_deliveries")
      #expect(waiting == 2)
    }
  }

  @Test("deliveries of an ordered hook come in the family's order, and a later one waits for one that is tried again")
  func order() async throws {
    let notes = Notes()
    try await Self.with { registry in
      registry.hookFunction("note") { call, context in
        if call.task == "draft", call.attempt < 3 { throw Refused() }
        notes.add(call.task ?? "")
      }
    } _: { fixture in
      var input = Self.input("ordered", .event(.postCompleteWorkItem), "note")
      input.isOrdered = .given(true)
      try await fixture.service.saveHook(input)
      let id = try await fixture.start()
      for task in ["draft", "check", "review", "send"] { try await fixture.complete(task, of: id) }
      try await fixture.withWorker { _ in
        try await fixture.wait("select count(*) = 4 from hook_deliveries where status = 'delivered'")
      }
    }
    #expect(notes.all == ["draft", "check", "review", "send"])
  }

  @Test("the function of an after-hook may run commands; both are there or neither, and the command is the user's")
  func commands() async throws {
    try await Self.with { registry in
      registry.hookFunction("complete") { call, context in
        guard let item = call.workItem else { return }
        try await context.completeWorkItem(item.id)
        if call.attempt < 2 { throw Refused() }
      }
    } _: { fixture in
      try await fixture.service.hookPostTransition(
        "auto", function: "complete", for: .class(workflow: "order"), destination: "draft")
      try await fixture.withWorker { _ in
        let id = try await fixture.start()
        try await fixture.wait("select count(*) = 1 from work_items where task = 'draft' and status = 'completed'")
        _ = try await fixture.ready("review", of: id)
      }
      let users = try await fixture.texts("select closed_by_user from work_items where task = 'draft'")
      #expect(users == ["ann"])
    }
  }

  @Test("hooks that cause each other without end are stopped")
  func endless() async throws {
    try await Self.with { registry in
      registry.hookFunction("again") { call, context in
        _ = try await context.startCase(workflow: "order")
      }
    } _: { fixture in
      try await fixture.service.saveHook(Self.input("again", .event(.postCreateCase), "again"))
      try await fixture.withWorker { _ in
        _ = try await fixture.start()
        try await fixture.wait("select count(*) = 1 from hook_deliveries where status = 'dead'")
      }
      let cases = try await fixture.count("select count(*) from cases")
      #expect(cases == 17)
    }
  }

  @Test("a removed hook is told no more; a disabled one is told when it is enabled again")
  func waiting() async throws {
    try await Self.with { fixture in
      let removed = try await fixture.service.saveHook(Self.input("removed", .event(.postCreateCase))).id
      let disabled = try await fixture.service.saveHook(Self.input("disabled", .event(.postCreateCase))).id
      _ = try await fixture.start()
      try await fixture.service.removeHook(removed)
      var change = HookInput(id: disabled)
      change.isEnabled = .given(false)
      try await fixture.service.saveHook(change)
      try await fixture.withWorker { _ in
        _ = try await fixture.start()
        try await fixture.service.saveHook(Self.input("last", .event(.postCancelCase)))
        let id = try await fixture.start()
        _ = try await fixture.service.run(CaseService.Request(command: .cancelCase(id)))
        try await fixture.wait("select count(*) = 1 from effects")
        change.isEnabled = .given(true)
        try await fixture.service.saveHook(change)
        try await fixture.wait("select count(*) = 2 from effects")
      }
      let found = try await fixture.texts("select hook from effects order by at")
      #expect(found == ["last", "disabled"])
    }
  }

  @Test("a dead delivery can be made again, and a test shows what a hook does without doing it")
  func redelivery() async throws {
    let notes = Notes()
    try await Self.with { registry in
      registry.hookFunction("moody") { call, context in
        try await Self.write(call, context)
        notes.add(call.isTest ? "test" : "real")
        if notes.all.count < 4 && !call.isTest { throw Refused() }
      }
    } _: { fixture in
      let hook = try await fixture.service.saveHook(Self.input("moody", .event(.postCreateCase), "moody")).id
      try await fixture.withWorker { _ in
        let id = try await fixture.start()
        try await fixture.wait("select count(*) = 1 from hook_deliveries where status = 'dead'")
        let dead = try await fixture.database.query("select id from hook_deliveries").uuid(0, 0)
        try await fixture.service.redeliverHook(EntityID(dead))
        try await fixture.wait("select count(*) = 1 from hook_deliveries where status = 'delivered'")
        _ = try await fixture.service.testHook(hook, case: id)
        try await fixture.wait("select count(*) = 2 from hook_deliveries where status = 'delivered'")
      }
      let effects = try await fixture.count("select count(*) from effects")
      #expect(effects == 1)
    }
    #expect(notes.all == ["real", "real", "real", "real", "test"])
  }

  @Test("what is wrong with a hook is said before it is saved")
  func checks() async throws {
    try await Self.with { fixture in
      func refusal(_ change: (inout HookInput) -> Void) async -> String? {
        var input = Self.input("hook", .event(.postCreateCase))
        change(&input)
        do {
          try await fixture.service.saveHook(input)
          return nil
        } catch {
          return error.message
        }
      }
      #expect(await refusal { $0.filter = .given("case.") }?.hasPrefix("Could not parse expression") == true)
      #expect(
        await refusal { $0.filter = .given("cas.workflow == 'a'") }?.hasPrefix("There is no `cas` in filters") == true)
      #expect(await refusal { $0.filter = .given("user|shout") } == "The `shout` transform is undefined.")
      #expect(
        await refusal { $0.action = .given(.function("none")) }
          == "There is no function none. This server has: refuse, write.")
      #expect(await refusal { $0.workflow = .given("none") } == "Invalid pk \"none\" - object does not exist.")
      #expect(await refusal { $0.onError = .given(.rollBack) }?.hasPrefix("An after-hook cannot roll back") == true)
      #expect(await refusal { $0.source = .given("draft") }?.hasPrefix("Only hooks of transitions") == true)
      #expect(
        await refusal { $0.action = .given(.webhook(url: "ftp://a", secrets: [])) }?.hasPrefix("The url of a webhook")
          == true)
      #expect(
        await refusal { $0.action = .given(.webhook(url: "https://a", secrets: ["whsec_abc"])) }?
          .hasPrefix("A secret of a webhook") == true)
      #expect(await refusal { _ in } == nil)
    }
  }
}
