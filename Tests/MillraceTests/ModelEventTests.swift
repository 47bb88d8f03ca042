import Millrace
import Postgres
import Testing
import WorkflowEngine
import WorkflowStore

@Suite("Model events")
struct ModelEventTests {
  @Test("every stored type tells before and after it is saved, with the type as sender")
  func saves() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(ModelEvent.Name.allCases) { event, _ in
        let row = event.workItem.map { "\($0.task) \($0.status.rawValue)" } ?? event.case.map(\.status.rawValue)
        let isNew = event.isCreated.map { $0 ? "new" : "old" } ?? "?"
        let key = event.workItem == nil && event.case == nil && event.sender != .flow ? event.key : "-"
        notes.add("\(event.name.rawValue) \(event.sender.rawValue) \(isNew) \(row ?? key)")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
    }
    let definitions =
      ["draft", "review", "check", "send"].flatMap { ["pre_save Task ? \($0)", "post_save Task ? \($0)"] }
      + ["pre_save Workflow ? order", "post_save Workflow ? order"]
      + (0..<2).flatMap { _ in ["pre_save Flow new -", "post_save Flow new -"] }
    func pair(_ text: String) -> [String] { ["pre_save \(text)", "post_save \(text)"] }
    #expect(
      notes.all == definitions + pair("Case new running") + pair("WorkItem new draft ready")
        + pair("WorkItem old draft completed") + pair("WorkItem new review ready") + pair("WorkItem new check ready"))
  }

  @Test("a receiver of one type is not called for another; before the save the row is not stored, after it it is")
  func sender() async throws {
    let notes = Notes()
    let isReview = filterModels("review") { $0.workItem?.task == "review" }
    try await OrderFixture.with { registry in
      for name in [ModelEvent.Name.preSave, .postSave] {
        registry.on(name, sender: .workItem, filter: isReview) { event, context in
          let rows = try await context.query("select count(*) from work_items where task = 'review'")
          notes.add("\(event.name.rawValue) \(rows.int64(0, 0))")
        }
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
    }
    #expect(notes.all == ["pre_save 0", "post_save 1"])
  }

  @Test("removing a flow tells before and after it is deleted; a receiver with raiseException keeps it")
  func deletes() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on([ModelEvent.Name.preDelete, .postDelete], sender: .flow) { event, context in
        let rows = try await context.query("select count(*) from flows")
        notes.add("\(event.name.rawValue) \(rows.int64(0, 0))")
      }
      registry.on(.postDelete, sender: .flow, raiseException: true) { _, context in
        let left = try await context.query("select count(*) from flows").int64(0, 0)
        if left == 0 { throw MillraceError(.invalidState, "the last flow stays") }
      }
    } _: { fixture in
      let editor = CaseService.Editor(caller: Caller(), language: "en")
      let rows = try await fixture.database.query("select id from flows order by created_at")
      try await fixture.service.removeFlow(EntityID(rows.uuid(0, 0)), by: editor) { _ in }
      let second = EntityID(rows.uuid(1, 0))
      let error = await #expect(throws: MillraceError.self) {
        try await fixture.service.removeFlow(second, by: editor) { _ in }
      }
      #expect(error == MillraceError(.receiverFailed, "the last flow stays"))
      let left = try await fixture.count("select count(*) from flows")
      #expect(left == 1)
    }
    #expect(notes.all == ["pre_delete 2", "post_delete 1", "pre_delete 1", "post_delete 0"])
  }

  @Test("saving and removing a hook tells of it; a receiver with raiseException keeps it", arguments: [false, true])
  func hooks(inMemory: Bool) async throws {
    let notes = Notes()
    try await OrderFixture.with(backend: inMemory ? MemoryHookBackend() : DatabaseHookBackend()) { registry in
      registry.hookFunction("note") { _, _ in }
      registry.on(ModelEvent.Name.allCases, sender: .hook) { event, _ in
        notes.add("\(event.name.rawValue) \(event.isCreated == true) \(event.user ?? "-")")
      }
      registry.on(.preDelete, sender: .hook, raiseException: true) { event, _ in
        if event.user != "boss" { throw MillraceError(.invalidState, "only the boss removes hooks") }
      }
    } _: { fixture in
      var input = HookInput(name: "hook")
      input.trigger = .given(.event(.postCreateCase))
      input.action = .given(.function("note"))
      let id = try await fixture.service.saveHook(input, by: Caller(user: "ann")).id
      // What is there already is not saved again.
      try await fixture.service.saveHook(input, by: Caller(user: "ann"))
      input.isOrdered = .given(true)
      try await fixture.service.saveHook(input, by: Caller(user: "ann"))
      let error = await #expect(throws: MillraceError.self) {
        try await fixture.service.removeHook(id, by: Caller(user: "ann"))
      }
      #expect(error == MillraceError(.receiverFailed, "only the boss removes hooks"))
      try await fixture.service.removeHook(id, by: Caller(user: "boss"))
      await #expect(throws: MillraceError.self) { try await fixture.service.removeHook(id, by: Caller(user: "boss")) }
    }
    #expect(notes.all == [
      "pre_save true ann", "post_save true ann", "pre_save false ann", "post_save false ann", "pre_delete false ann",
      "pre_delete false boss", "post_delete false boss",
    ])
  }
}
