import Testing
import WorkflowEngine

@Suite("What happens when a deadline passes")
struct EscalationTests {
  private static func bench(
    _ boundaries: [BoundaryDefinition] = [], rule: EscalationRule? = nil, assignment: AssignmentRule? = .users(["ida"])
  ) throws -> Bench {
    var a = node("a", .simple, "end") {
      $0.boundaries = boundaries
      $0.escalation = rule
      $0.assignment = assignment
    }
    a.leadTime = 60
    a.addressGroups = "['staff']|groups"
    var bench = Bench("a", nodes: [a, node("late", .simple, "end"), node("remind", .handler, "end"), node("end", .end)])
    try bench.begin()
    return bench
  }

  private static func pass(_ bench: inout Bench) throws {
    bench.now += 60_000_000
    try bench.perform(.escalateWorkItem(bench.item("a")))
  }

  @Test("nothing but the event, where the node says nothing")
  func told() throws {
    var bench = try Self.bench()
    #expect(bench.refusal(.escalateWorkItem(bench.item("a"))) != nil)
    try Self.pass(&bench)
    #expect(bench.events == ["post_overdue_work_item a"])
    #expect(bench.state.workItem(bench.item("a"))?.assignedUsers == ["ida"])
  }

  @Test("the item goes to others, whoever had started it")
  func reassigned() throws {
    var bench = try Self.bench(rule: EscalationRule(assignment: .users(["jim"]), addressGroups: "['chiefs', 'staff']|groups"))
    bench.caller = Caller(user: "ida", group: "staff")
    try bench.perform(.startWorkItem(bench.item("a")))
    try Self.pass(&bench)
    #expect(bench.events == ["post_overdue_work_item a", "pre_reassign_work_item a", "post_reassign_work_item a"])
    let item = bench.state.workItem(bench.item("a"))
    #expect(item?.assignedUsers == ["jim"] && item?.addressedGroups == ["staff", "chiefs"])
    #expect(item?.activation.startedAt == nil && item?.activation.assignedAt == bench.now)
  }

  @Test("nobody loses an item where the rule gives nobody")
  func nobody() throws {
    var bench = try Self.bench(rule: EscalationRule(assignment: .expression("null")))
    try Self.pass(&bench)
    #expect(bench.events == ["post_overdue_work_item a"])
    #expect(bench.state.workItem(bench.item("a"))?.assignedUsers == ["ida"])
  }

  @Test("a boundary begins what follows, interrupting or not", arguments: [true, false])
  func boundary(isInterrupting: Bool) throws {
    var bench = try Self.bench([BoundaryDefinition(.deadline, target: "late", isInterrupting: isInterrupting)])
    try Self.pass(&bench)
    #expect(bench.ready == (isInterrupting ? ["late"] : ["a", "late"]))
    #expect(bench.reason("a") == (isInterrupting ? .boundary : nil))
    if !isInterrupting { try bench.done("a") }
    #expect(!bench.isComplete)
    try bench.done("late")
    #expect(bench.isComplete)
  }

  @Test("several boundaries of one deadline are all taken, and cancel the item once")
  func several() throws {
    var bench = try Self.bench([
      BoundaryDefinition(.deadline, target: "late", isInterrupting: false), BoundaryDefinition(.deadline, target: "remind"),
    ])
    bench.handlers["remind"] = { _, _ in .done(HandlerResult()) }
    bench.definitions.insert(node("remind", .handler, "end") { $0.handler = "remind" })
    try Self.pass(&bench)
    #expect(bench.count("remind", .completed) == 1 && bench.ready == ["late"] && bench.count("a", .canceled) == 1)
  }

  @Test("what is done in time is not escalated")
  func inTime() throws {
    var bench = try Self.bench([BoundaryDefinition(.deadline, target: "late")])
    try bench.done("a")
    bench.now += 60_000_000
    #expect(bench.refusal(.escalateWorkItem(bench.item("a"))) != nil && bench.isComplete)
  }

  @Test("a deadline that passes while the case is suspended escalates when it is resumed, once")
  func suspended() throws {
    var bench = try Self.bench([BoundaryDefinition(.deadline, target: "late", isInterrupting: false)])
    try bench.perform(.suspendCase(bench.root))
    bench.now += 60_000_000
    #expect(bench.refusal(.escalateWorkItem(bench.item("a"))) != nil)
    #expect(bench.count("late") == 0)
    // Whatever else is done to the case meanwhile.
    try bench.perform(.updateCase(UpdateCase(id: bench.root, workflow: "main", meta: "{\"seen\": true}")))
    bench.now += 1_000_000
    try bench.perform(.resumeCase(bench.root))
    #expect(bench.ready == ["a", "late"])
    #expect(bench.events.suffix(4) == ["post_resume_case main", "post_overdue_work_item a", "pre_create_work_item late", "post_create_work_item late"])
    bench.now += 1_000_000
    try bench.perform(.suspendCase(bench.root))
    try bench.perform(.resumeCase(bench.root))
    #expect(bench.count("late") == 1)
  }

  @Test("a deadline that passes while the item is suspended escalates when the item is resumed, once")
  func suspendedItem() throws {
    var bench = try Self.bench([BoundaryDefinition(.deadline, target: "late", isInterrupting: false)])
    try bench.perform(.suspendWorkItem(bench.item("a")))
    bench.now += 60_000_000
    #expect(bench.refusal(.escalateWorkItem(bench.item("a"))) != nil && bench.count("late") == 0)
    try bench.perform(.resumeWorkItem(bench.item("a")))
    #expect(bench.ready == ["a", "late"])
    #expect(bench.refusal(.escalateWorkItem(bench.item("a"))) != nil)
  }

  @Test("what was told before an item was suspended is not told again when it is resumed")
  func toldBefore() throws {
    var bench = try Self.bench([BoundaryDefinition(.deadline, target: "late", isInterrupting: false)])
    try Self.pass(&bench)
    try bench.perform(.suspendCase(bench.root))
    try bench.perform(.resumeCase(bench.root))
    #expect(bench.count("late") == 1 && !bench.events.contains("post_overdue_work_item a"))
  }

  @Test("what is told raises no version that somebody may hold")
  func version() throws {
    var bench = try Self.bench()
    let version = bench.state.workItem(bench.item("a"))?.version
    try Self.pass(&bench)
    #expect(bench.state.workItem(bench.item("a"))?.version == version)
  }

  @Test(
    "a deadline is awaited while its item is open and not suspended, until it was told",
    arguments: WorkItemStatus.allCases, [nil, 5, 9] as [Int64?])
  func awaited(status: WorkItemStatus, told: Int64?) {
    var item = WorkItem(
      id: EntityID(high: 0, low: 1), caseID: EntityID(high: 0, low: 2), task: "a", status: status, deadline: 9, createdAt: 0, modifiedAt: 0)
    item.activation.toldDeadline = told
    #expect(item.awaitedDeadline == (status.isOpen && status != .suspended && told != 9 ? 9 : nil))
    item.deadline = nil
    #expect(item.awaitedDeadline == nil)
  }

  @Test("a timer that comes due while the case is suspended fires when it is resumed")
  func suspendedTimer() throws {
    var bench = Bench("t", nodes: [node("t", .timer, "end") { $0.delay = .seconds(60) }, node("end", .end)])
    try bench.begin()
    let timer = bench.item("t")
    let due = bench.now + 60_000_000
    try bench.perform(.suspendCase(bench.root))
    bench.now = due + 1
    #expect(bench.refusal(.fireTimer(timer)) != nil)
    try bench.perform(.resumeCase(bench.root))
    #expect(bench.scheduled[timer]?.dueAt == due)
    try bench.perform(.fireTimer(timer))
    #expect(bench.isComplete)
  }
}
