import EventLoop
import Logging
import Millrace
import Postgres
import Synchronization
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

@Suite("Event receivers")
struct ReceiverTests {
  @Test("events come in order, with the mutation that caused them as sender")
  func sequence() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(EventName.allCases) { event, _ in
        notes.add("\(event.name.rawValue) \(event.sender.rawValue) \(event.workItem?.task ?? "-") \(event.user ?? "-")")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
    }
    #expect(
      notes.all == [
        "pre_create_case startCase - ann", "pre_create_work_item startCase draft ann",
        "post_create_case startCase - ann", "post_create_work_item startCase draft ann",
        "pre_complete_work_item completeWorkItem draft bob", "post_complete_work_item completeWorkItem draft bob",
        "pre_create_work_item completeWorkItem review bob", "pre_create_work_item completeWorkItem check bob",
        "post_create_work_item completeWorkItem review bob", "post_create_work_item completeWorkItem check bob",
      ])
  }

  @Test("a filter decides which events a receiver gets, alone and composed; what is not there does not match")
  func filters() async throws {
    let notes = Notes()
    let isReview = filterEvents("review") { $0.workItem?.task == "review" }
    let isCompletion = filterEvents("completion") { $0.name == .postCompleteWorkItem }
    try await OrderFixture.with { registry in
      registry.on(EventName.allCases, filter: isReview && isCompletion) { _, _ in notes.add("both") }
      registry.on(EventName.allCases, filter: isReview && !isCompletion) { event, _ in
        notes.add("other \(event.name.rawValue)")
      }
      registry.on(.postCompleteWorkItem, isReview { event, _ in notes.add("decorated") })
      registry.on(.postCompleteWorkItem, sender: .skipWorkItem) { _, _ in notes.add("skip") }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      try await fixture.complete("review", of: id)
    }
    #expect(
      notes.all == [
        "other pre_create_work_item", "other post_create_work_item", "other pre_complete_work_item", "both",
        "decorated",
      ])
  }

  @Test("a filter over fields gets their values; an event that lacks one of them skips the receiver, negated or not")
  func fieldFilters() async throws {
    let notes = Notes()
    let hasContext = filterEvents("has context", \.context) { !$0.isEmpty }
    let isBobsReview = filterEvents("bob's review", \.workItem, \.user) { $0.task == "review" && $1 == "bob" }
    try await OrderFixture.with { registry in
      registry.on(EventName.allCases, filter: hasContext) { _, _ in notes.add("never") }
      registry.on(EventName.allCases, filter: !hasContext) { _, _ in notes.add("never") }
      registry.on(EventName.allCases, filter: !hasContext && isBobsReview) { _, _ in notes.add("never") }
      registry.on(.postCreateCase, filter: !isBobsReview) { _, _ in notes.add("never") }
      registry.on(.postCompleteWorkItem, filter: !isBobsReview) { event, _ in
        notes.add("other \(event.workItem?.task ?? "")")
      }
      registry.on(.postCompleteWorkItem, filter: hasContext || isBobsReview) { event, _ in
        notes.add("bob's \(event.workItem?.task ?? "")")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      try await fixture.complete("review", of: id)
    }
    #expect(notes.all == ["other draft", "bob's review"])
  }

  /// Caluma's page "Extending Caluma with events" has a receiver of `post_create_work_item` with
  /// `sender=CompleteWorkItem` and a filter on the task, and one of `post_complete_work_item` with the same sender;
  /// there the sender is a text, and neither is ever called.
  @Test("a receiver for a mutation is called for its own and its nested events, and for no other mutation's")
  func documentedExample() async throws {
    let notes = Notes()
    let isReview = filterEvents("review") { $0.workItem?.task == "review" }
    try await OrderFixture.with { registry in
      registry.on([.postCreateWorkItem, .postCompleteWorkItem], sender: .completeWorkItem, raiseException: true) {
        event, _ in
        notes.add("\(event.name.rawValue) \(event.workItem?.task ?? "-")")
      }
      registry.on(.postCreateWorkItem, sender: .completeWorkItem, filter: isReview) { _, _ in notes.add("filtered") }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      let review = try await fixture.ready("review", of: id)
      _ = try await fixture.service.run(CaseService.Request(command: .skipWorkItem(review)))
    }
    #expect(
      notes.all == [
        "post_complete_work_item draft", "post_create_work_item review", "filtered", "post_create_work_item check",
      ])
  }

  @Test("a receiver of a pre_create event changes what is created")
  func changedCreation() async throws {
    try await OrderFixture.with { registry in
      registry.on(.preCreateCase) { _, context in try context.changeCase { $0.meta = "{\"from\":\"receiver\"}" } }
      registry.on(.preCreateWorkItem) { _, context in try context.changeWorkItem { $0.assignedUsers = ["zoe"] } }
      registry.on(.preCreateWorkItem) { _, context in
        try context.changeWorkItem { $0.assignedUsers = ["nobody"] }
        throw MillraceError(.invalidState, "undone")
      }
    } _: { fixture in
      _ = try await fixture.start()
      let rows = try await fixture.database.query(
        "select c.meta->>'from', w.assigned_users[1] from cases c, work_items w")
      #expect(rows.text(0, 0) == "receiver" && rows.text(0, 1) == "zoe")
    }
  }

  @Test("a receiver that fails is undone, SQL errors included, and the mutation goes on")
  func ignoredFailure() async throws {
    struct Broken: Error {}
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem) { _, context in
        try await context.query("create table half_done (a int)")
        throw Broken()
      }
      registry.on(.postCompleteWorkItem) { _, context in try await context.query("select 1 / 0") }
      registry.on(.postCompleteWorkItem) { _, context in
        try await context.query(
          "create table done as select count(*) as items from work_items where status = 'completed'")
        notes.add("last")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      let gone = try await fixture.database.query("select to_regclass('half_done') is null").bool(0, 0)
      #expect(gone)
      // The receiver saw what the mutation had written.
      let seen = try await fixture.count("select items from done")
      #expect(seen == 1)
      _ = try await fixture.ready("review", of: id)
    }
    #expect(notes.all == ["last"])
  }

  @Test("with raiseException all receivers still run, their errors are collected, and nothing remains")
  func raisedFailure() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem, raiseException: true) { _, _ in throw MillraceError(.invalidState, "first") }
      registry.on(.postCompleteWorkItem) { _, _ in notes.add("between") }
      registry.on(.postCompleteWorkItem, raiseException: true) { _, _ in throw MillraceError(.invalidState, "second") }
    } _: { fixture in
      let id = try await fixture.start()
      let error = await #expect(throws: MillraceError.self) { try await fixture.complete("draft", of: id) }
      #expect(error == MillraceError(.receiverFailed, "first, second"))
      _ = try await fixture.ready("draft", of: id)
      let events = try await fixture.count("select count(*) from events where name = 'pre_complete_work_item'")
      #expect(events == 0)
    }
    #expect(notes.all == ["between"])
  }

  @Test("a receiver may run commands; their events are nested, have the client's mutation as sender, and go with it")
  func nested() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCreateWorkItem, filter: filterEvents { $0.workItem?.task == "check" }) { event, context in
        guard let item = event.workItem else { return }
        try await context.skipWorkItem(item.id)
      }
      registry.on(.postSkipWorkItem) { event, _ in notes.add("skipped by \(event.sender.rawValue)") }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      try await fixture.complete("review", of: id)
      _ = try await fixture.ready("send", of: id)
    }
    #expect(notes.all == ["skipped by completeWorkItem"])
  }

  @Test("a receiver may start a case with a family of its own; it is there with the mutation, or not at all")
  func newFamily() async throws {
    struct Broken: Error {}
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem, filter: filterEvents { $0.workItem?.task == "draft" }) { event, context in
        let id = try await context.startCase(workflow: "order", meta: "{\"of\": \"draft\"}")
        let rows = try await context.query("select count(*) from cases")
        notes.add("started \(id == nil ? "nothing" : "one") of \(rows.int64(0, 0))")
      }
      registry.on(.postCompleteWorkItem, filter: filterEvents { $0.workItem?.task == "draft" }) { event, context in
        _ = try await context.startCase(workflow: "order", meta: "{\"of\": \"nobody\"}")
        throw Broken()
      }
      // Called for both new cases, within the receiver that starts them.
      registry.on(.postCreateCase, sender: .completeWorkItem) { event, context in
        try await context.query("update cases set meta = meta || '{\"touched\": true}' where id <> family or true")
        context.onCommit { notes.add("committed \(event.case?.meta ?? "")") }
      }
      registry.on(.postCompleteWorkItem, raiseException: true, filter: filterEvents { $0.workItem?.task == "review" }) {
        _, context in
        _ = try await context.startCase(workflow: "order")
        throw Broken()
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      #expect(notes.all == ["started one of 2", "committed {\"of\": \"draft\"}"])
      let found = try await fixture.database.query(
        "select c.meta->>'of', w.task, e.sender, (select max(seq) - count(*) from events where family = c.id), (select max(seq) from events where family = c.id) from cases c join work_items w on w.case_id = c.id join events e on e.family = c.id and e.seq = 1 where c.meta->>'of' is not null"
      )
      #expect(found.count == 1 && found.text(0, 0) == "draft" && found.text(0, 1) == "draft")
      #expect(found.text(0, 2) == "completeWorkItem" && found.int64(0, 3) == 0 && found.int64(0, 4) == 4)
      let touched = try await fixture.count("select count(*) from cases where meta ? 'touched'")
      #expect(touched == 2)
      await #expect(throws: MillraceError.self) { try await fixture.complete("review", of: id) }
      let cases = try await fixture.count("select count(*) from cases")
      #expect(cases == 2)
    }
  }

  @Test("cases that start each other without end are stopped, and nothing of them remains")
  func endlessFamilies() async throws {
    try await OrderFixture.with { registry in
      registry.on(.postCreateCase, raiseException: true) { _, context in
        _ = try await context.startCase(workflow: "order")
      }
    } _: { fixture in
      let error = await #expect(throws: MillraceError.self) { try await fixture.start() }
      #expect(error?.code == .receiverFailed && error?.message.contains("caused each other") == true)
      let cases = try await fixture.count("select count(*) from cases")
      #expect(cases == 0)
    }
  }

  @Test("receivers that cause each other without end are stopped")
  func endless() async throws {
    try await OrderFixture.with { registry in
      registry.on(.postSuspendWorkItem, raiseException: true) { event, context in
        if let item = event.workItem { try await context.resumeWorkItem(item.id) }
      }
      registry.on(.postResumeWorkItem, raiseException: true) { event, context in
        if let item = event.workItem { try await context.suspendWorkItem(item.id) }
      }
    } _: { fixture in
      let id = try await fixture.start()
      let item = try await fixture.ready("draft", of: id)
      let error = await #expect(throws: MillraceError.self) {
        try await fixture.service.run(CaseService.Request(command: .suspendWorkItem(item)))
      }
      #expect(error?.code == .receiverFailed)
      _ = try await fixture.ready("draft", of: id)
    }
  }

  @Test("a receiver that fails takes with it what the receivers of its commands wrote")
  func nestedFailure() async throws {
    struct Broken: Error {}
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCreateWorkItem, filter: filterEvents { $0.workItem?.task == "check" }) { event, context in
        guard let item = event.workItem else { return }
        try await context.skipWorkItem(item.id)
        notes.add("skipped")
        throw Broken()
      }
      registry.on(.postSkipWorkItem) { _, context in
        try await context.query("create table written as select count(*) as items from work_items")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      _ = try await fixture.ready("check", of: id)
      let gone = try await fixture.database.query("select to_regclass('written') is null").bool(0, 0)
      #expect(gone)
      let skips = try await fixture.count("select count(*) from events where name like '%skip%'")
      #expect(skips == 0)
      let gaps = try await fixture.count("select max(seq) - count(*) from events")
      #expect(gaps == 0)
    }
    #expect(notes.all == ["skipped"])
  }

  @Test("a conflict that the database wants tried again is tried again, also when a receiver met it")
  func conflictInReceiver() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem) { _, context in
        notes.add("called")
        context.onCommit { notes.add("committed") }
        guard notes.all.count == 1 else { return }
        try await context.query("do $$ begin raise sqlstate '40P01'; end $$")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      _ = try await fixture.ready("review", of: id)
    }
    #expect(notes.all == ["called", "called", "committed"])
  }

  @Test("commands that a receiver begins at the same time do not mix: the second is refused")
  func overlappingCommands() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postSuspendWorkItem) { _, context in try await context.query("select 1") }
      registry.on(.postCreateCase, filter: filterEvents { $0.sender == .startCase }) { event, context in
        guard let id = event.case?.id else { return }
        async let first: Void = context.suspendCase(id)
        async let second: Void = context.cancelCase(id)
        do {
          try await first
          try await second
        } catch let error as MillraceError {
          notes.add(error.message)
        }
      }
    } _: { fixture in
      let outcome = try await fixture.service.run(
        CaseService.Request(command: .startCase(StartCase(workflow: "order"))))
      let id = try #require(outcome.caseID)
      let rows = try await fixture.database.query(
        "select c.status, w.status from cases c join work_items w on w.case_id = c.id")
      #expect(rows.text(0, 0) == "suspended" && rows.text(0, 1) == "suspended")
      let loaded = try await fixture.database.transaction { try await FamilyStore.lock(.ofCase(id), in: $0) }
      let gaps = try await fixture.count("select max(seq) - count(*) from events")
      #expect(gaps == 0 && loaded.lastEvent == 8)
    }
    #expect(notes.all == ["The receiver has returned, or a command of it is still under way."])
  }

  @Test("a receiver cannot use the mutation's transaction once the mutation is over")
  func lateUse() async throws {
    let kept = Mutex<ReceiverContext?>(nil)
    try await OrderFixture.with { registry in
      registry.on(.postCreateCase) { _, context in kept.withLock { $0 = context } }
    } _: { fixture in
      let id = try await fixture.start()
      let context = try #require(kept.withLock { $0 })
      let late = await #expect(throws: MillraceError.self) { try await context.query("select 1") }
      #expect(late?.code == .invalidState)
      await #expect(throws: MillraceError.self) { try await context.cancelCase(id) }
      kept.withLock { $0 = nil }
      _ = try await fixture.ready("draft", of: id)
    }
  }

  @Test("a mutation leaves nothing of itself in memory")
  func memory() async throws {
    final class Probe: Sendable {}
    struct Watch: Sendable { weak let probe: Probe? }
    let watched = Mutex<[Watch]>([])
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem) { _, context in
        let probe = Probe()
        watched.withLock { $0.append(Watch(probe: probe)) }
        context.onCommit { withExtendedLifetime(probe) {} }
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      try await fixture.complete("review", of: id)
      try await fixture.complete("check", of: id)
    }
    #expect(watched.withLock { $0.count } == 3)
    #expect(watched.withLock { $0.allSatisfy { $0.probe == nil } })
  }

  @Test("what is left for after the commit is done once it happened, and never otherwise")
  func onCommit() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCreateCase) { _, context in context.onCommit { notes.add("committed") } }
      registry.on(.postCompleteWorkItem) { _, context in context.onCommit { notes.add("never") } }
      registry.on(.postCompleteWorkItem, raiseException: true) { _, _ in throw MillraceError(.invalidState, "no") }
    } _: { fixture in
      let id = try await fixture.start()
      await #expect(throws: MillraceError.self) { try await fixture.complete("draft", of: id) }
      #expect(notes.all == ["committed"])
    }
  }

  @Test("the event log has no gaps and tells who did what")
  func eventLog() async throws {
    try await OrderFixture.with { fixture in
      let id = try await fixture.start()
      for task in ["draft", "review", "check", "send"] { try await fixture.complete(task, of: id) }
      let gaps = try await fixture.count("select max(seq) - count(*) from events")
      #expect(gaps == 0)
      let completions = try await fixture.count(
        "select count(*) from events where name = 'post_complete_work_item' and actor_user = 'bob'")
      #expect(completions == 4)
      let status = try await fixture.database.query("select status from cases").text(0, 0)
      #expect(status == "completed")
    }
  }
}
