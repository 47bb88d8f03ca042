import Postgres
import WorkflowEngine

extension EventSequence {
  /// Mutations of cases and of human work items: Caluma's, and those that Millrace adds.
  static let ofPeople = [
    EventSequence("`startCase`, `saveCase` without id", "family") { _ in .startCase(StartCase(workflow: "family")) },
    EventSequence("`startCase` for a work item", "family") { walk in
      .startCase(StartCase(workflow: "sub", parentWorkItem: try await walk.item("w1")))
    },
    EventSequence("`saveCase` with id", "family") {
      .updateCase(UpdateCase(id: $0.id, workflow: "family", meta: "{\"a\":1}"))
    },
    EventSequence("`completeWorkItem`", "papers") { .completeWorkItem(try await $0.item("draft")) },
    EventSequence("`completeWorkItem` while a join waits", "papers") { walk in
      try await walk.complete("draft")
      return .completeWorkItem(try await walk.item("review"))
    },
    EventSequence("`completeWorkItem` of the last branch of a join", "papers") { walk in
      try await walk.complete("draft", "review")
      return .completeWorkItem(try await walk.item("check"))
    },
    EventSequence("`completeWorkItem` of the last item", "papers") { walk in
      try await walk.complete("draft", "review", "check", "send")
      return .completeWorkItem(try await walk.item("archive"))
    },
    EventSequence("`skipWorkItem`", "family") { .skipWorkItem(try await $0.withChild().item("w1")) },
    EventSequence("`skipWorkItem` of the last item", "papers") { walk in
      try await walk.complete("draft", "review", "check", "send")
      return .skipWorkItem(try await walk.item("archive"))
    },
    EventSequence("`cancelWorkItem`", "family") { .cancelWorkItem(try await $0.withChild().item("w1")) },
    EventSequence("`cancelWorkItem` that a join had waited for", "papers") { walk in
      try await walk.complete("draft", "review")
      return .cancelWorkItem(try await walk.item("check"))
    },
    EventSequence("`suspendWorkItem`", "family") { .suspendWorkItem(try await $0.withChild().item("w1")) },
    EventSequence("`resumeWorkItem`", "family") { walk in
      let item = try await walk.withChild().item("w1")
      try await walk.run(.suspendWorkItem(item))
      return .resumeWorkItem(item)
    },
    EventSequence("`redoWorkItem`", "papers") { walk in
      try await walk.complete("draft", "review", "check")
      return .redoWorkItem(try await walk.item("draft"))
    },
    EventSequence("`redoWorkItem` in front of a join", "papers") { walk in
      try await walk.complete("draft", "review", "check")
      return .redoWorkItem(try await walk.item("review"))
    },
    EventSequence("`createWorkItem`", "many") { .createWorkItem(CreateWorkItem(caseID: $0.id, task: "m")) },
    EventSequence("`saveWorkItem`", "family") {
      .saveWorkItem(SaveWorkItem(id: try await $0.item("w1"), meta: "{\"a\":1}"))
    },
    EventSequence("`cancelCase`", "family") { .cancelCase(try await $0.withChild().id) },
    EventSequence("`suspendCase`", "family") { .suspendCase(try await $0.withChild().id) },
    EventSequence("`resumeCase`", "family") { walk in
      try await walk.withChild().run(.suspendCase(walk.id))
      return .resumeCase(walk.id)
    },
    EventSequence("`reopenCase`", "papers") { walk in
      try await walk.complete("draft", "review", "check", "send", "archive")
      return .reopenCase(walk.id, workItems: [try await walk.item("archive")])
    },
    EventSequence("`reopenCase` with several items", "papers") { walk in
      try await walk.complete("draft", "review")
      try await walk.run(.cancelCase(walk.id))
      return .reopenCase(walk.id, workItems: [try await walk.item("review"), try await walk.item("check")])
    },
    EventSequence("`reopenCase` in front of a join", "papers") { walk in
      try await walk.complete("draft", "review", "check")
      try await walk.run(.cancelCase(walk.id))
      return .reopenCase(walk.id, workItems: [try await walk.item("review")])
    },
    EventSequence("`reopenCase` of a child case", "family") { walk in
      try await walk.withChild().complete("v")
      return .reopenCase(try await walk.child(), workItems: [try await walk.item("v")])
    },
    EventSequence("`cancelCase` of a child case", "family") { .cancelCase(try await $0.withChild().child()) },
    EventSequence("`suspendCase` with an item that is suspended", "family") { walk in
      try await walk.withChild().run(.suspendWorkItem(try await walk.item("w1")))
      return .suspendCase(walk.id)
    },
    EventSequence("`completeWorkItem` of the last item of a child case", "family") { walk in
      .completeWorkItem(try await walk.withChild().item("v"))
    },
    EventSequence("`assignWorkItem`", "family") { .assignWorkItem(try await $0.item("w1"), users: ["bob"]) },
    EventSequence("`claimWorkItem`", "family") { .claimWorkItem(try await $0.item("w1")) },
    EventSequence("`reassignWorkItem`", "family") { walk in
      let item = try await walk.item("w1")
      try await walk.run(.assignWorkItem(item, users: ["bob"]))
      return .reassignWorkItem(item, users: ["eve"])
    },
    EventSequence("`unassignWorkItem`", "family") { walk in
      let item = try await walk.item("w1")
      try await walk.run(.assignWorkItem(item, users: ["bob"]))
      return .unassignWorkItem(item)
    },
    EventSequence("`startWorkItem`", "family") { .startWorkItem(try await $0.item("w1")) },
    EventSequence("`prepareWorkItem`", "family") { .prepareWorkItem(try await $0.item("w1")) },
    EventSequence("`activateNext`", "papers") { walk in
      try await walk.complete("draft")
      for task in ["review", "check"] { try await walk.run(.cancelWorkItem(try await walk.item(task))) }
      return .activateNext(try await walk.item("draft"))
    },
    EventSequence("`activateNext` of a join", "papers") { walk in
      try await walk.complete("draft", "review", "check")
      try await walk.run(.cancelWorkItem(try await walk.item("send")))
      return .activateNext(try await walk.item("review"))
    },
    EventSequence("`snoozeWorkItem`", "family") { .snoozeWorkItem(try await $0.item("w1"), until: inAnHour()) },
    EventSequence("`unsnoozeWorkItem`", "family") { walk in
      let item = try await walk.item("w1")
      try await walk.run(.snoozeWorkItem(item, until: inAnHour()))
      return .unsnoozeWorkItem(item, isDue: false)
    },
    EventSequence("`escalateWorkItem`", "family") { walk in
      let item = try await walk.item("w1")
      try await walk.run(.saveWorkItem(SaveWorkItem(id: item, deadline: 1)))
      return .escalateWorkItem(item)
    },
    EventSequence("`undoWorkItem`", "family") { walk in
      try await walk.complete("w1")
      return .undoWorkItem(try await walk.item("w1"), cascade: false)
    },
    EventSequence("`undoWorkItem` of what the case has ended with", "papers") { walk in
      try await walk.complete("draft", "review", "check", "send", "archive")
      return .undoWorkItem(try await walk.item("archive"), cascade: false)
    },
    EventSequence("`undoWorkItem` with `reopen`", "family") { walk in
      try await walk.complete("w1", "w2")
      return .undoWorkItem(try await walk.item("w1"), reopen: true)
    },
    EventSequence("`undoWorkItem` with all that has followed", "papers") { walk in
      try await walk.complete("draft")
      return .undoWorkItem(try await walk.item("draft"), cascade: true)
    },
    EventSequence("`reviveWorkItem`", "family") { walk in
      let item = try await walk.item("w1")
      try await walk.run(.cancelWorkItem(item))
      return .reviveWorkItem(item)
    },
    EventSequence("`migrateCases`", "papers") {
      .migrateCase(MigrateCase(id: $0.id, version: nil, mapping: ["draft": "review"]))
    },
    EventSequence(bulk: "`bulkAssignWorkItems`", "family") { walk in
      let other = try await walk.another("family")
      return [
        .assignWorkItem(try await other.item("w2"), users: ["bob"]),
        .assignWorkItem(try await walk.item("w1"), users: ["bob"]),
      ]
    },
    EventSequence(bulk: "`bulkUnassignWorkItems`", "family") { walk in
      let other = try await walk.another("family")
      let items = [try await other.item("w2"), try await walk.item("w1")]
      for item in items { try await walk.run(.assignWorkItem(item, users: ["bob"])) }
      return items.map { .unassignWorkItem($0) }
    },
  ]

  private static func inAnHour() -> Int64 { Timestamp.now().microseconds + 3_600_000_000 }
}
