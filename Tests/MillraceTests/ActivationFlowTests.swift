import Flows
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

/// Starts a case after the other.
private struct TurnsFlow: Flow {
  let start = flow.start().next(this.turns)
  let turns = flow.subprocesses("paid-flow", items: "[{isPaid: true}]", sequential: true).next(this.end)
  let end = flow.end()
}

/// Flows that are told to go on, against a database.
@Suite("Activations in Swift")
struct ActivationFlowTests {
  private static func withFlows(_ body: @escaping @Sendable (OrderFixture) async throws -> Void) async throws {
    var registry = ExtensionRegistry()
    registry.flow(PaidFlow.self)
    registry.flow(TurnsFlow.self)
    try await OrderFixture.with(extensions: try ExtensionTable(registry, modules: []), { _ in }) { fixture in
      try await fixture.service.saveFlows()
      try await body(fixture)
    }
  }

  /// The latest item of a node of `PaidFlow` or `TurnsFlow`.
  private static func item(_ task: String, _ fixture: OrderFixture) async throws -> WorkItem {
    var parameters = Parameters()
    parameters.append("%-flow-\(task)")
    let rows = try await fixture.database.query(
      "select id from work_items where task like $1 order by created_at desc, id desc limit 1", parameters)
    let id = EntityID(rows.uuid(0, 0))
    let state = try await FamilyStore.read(familiesOf: [id], from: fixture.database, deadline: nil)
    return try #require(state.workItem(id))
  }

  private static func isOpen(_ task: String, _ fixture: OrderFixture) async throws -> Bool {
    var parameters = Parameters()
    parameters.append("paid-flow-\(task)")
    let open = "select count(*) from work_items where task = $1 and status in ('ready', 'waiting', 'scheduled')"
    return try await fixture.database.query(SQL(open), parameters).int64(0, 0) == 1
  }

  @Test(
    "a condition in Swift is asked after every change of the case; a timer is told to be due, a form to be open, a case to go on"
  )
  func goOn() async throws {
    try await Self.withFlows { fixture in
      let service = fixture.service
      try await service.flows(as: Caller(user: "ann")) {
        let id = try await PaidFlow.start.run(isPaid: false)
        var waiting = try await Self.item("paid", fixture).activation()
        #expect(waiting.activate.refusal?.message == "The condition does not hold.")
        let paid = UpdateCase(id: id, workflow: "paid-flow", data: "{\"isPaid\": true}")
        _ = try await service.run(CaseService.Request(command: .updateCase(paid)))
        waiting = try await Self.item("wait", fixture).activation()
        #expect(waiting.perform.canProceed && !waiting.deliver.canProceed)
        try await waiting.perform()
        let ship = try await Self.item("ship", fixture)
        try await ship.activation().prepare()
        let opened = try await Self.item("ship", fixture)
        #expect(opened.activation.preparedAt != nil && opened.activation.startedAt == nil)
        try await opened.activation().done()
        let done = try await Self.item("ship", fixture)
        #expect(done.activation.startedAt == opened.activation.preparedAt)
        try await Self.item("pack", fixture).activation().cancel()
        let last = try await done.activation()
        #expect(last.activateNext.canProceed)
        try await last.activateNext()
        #expect(try await Self.isOpen("pack", fixture))
        await #expect(throws: MillraceError.self) { try await last.activateNext() }
      }
      let timers = try await fixture.count("select count(*) from scheduled_work where work_item is not null")
      #expect(timers == 0)
    }
  }

  @Test("of many who have a case go on at once one does, and the others are told why not")
  func once() async throws {
    try await Self.withFlows { fixture in
      let service = fixture.service
      try await service.flows(as: Caller(user: "ann")) {
        try await PaidFlow.start.run(isPaid: true)
        try await Self.item("wait", fixture).activation().activate()
        try await Self.item("ship", fixture).activation().done()
        try await Self.item("pack", fixture).activation().cancel()
      }
      let ship = try await Self.item("ship", fixture).id
      let refusals = await withTaskGroup(of: MillraceError?.self) { group in
        for _ in 0..<8 {
          group.addTask {
            do throws(MillraceError) {
              _ = try await service.run(CaseService.Request(command: .activateNext(ship), caller: Caller(user: "ann")))
              return nil
            } catch {
              return error
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      let refused = refusals.compactMap(\.self)
      #expect(refused.count == 7 && Set(refused.map(\.message)) == ["What follows is there already."])
      let open = try await fixture.count(
        "select count(*) from work_items where task = 'paid-flow-pack' and status = 'ready'")
      #expect(open == 1)
    }
  }

  @Test("a sequence of cases takes more of them, which are stored until their turn; text that is no JSON is refused")
  func sequence() async throws {
    try await Self.withFlows { fixture in
      let service = fixture.service
      try await service.flows(as: Caller(user: "ann")) {
        try await TurnsFlow.start.run()
        let turns = try await Self.item("turns", fixture)
        func add(_ element: String) async throws -> EntityID? {
          try await service.run(CaseService.Request(command: .addSubprocessItem(turns.id, element: element))).caseID
        }
        let added = try await add("{\"isPaid\": true, \"number\": 2}")
        #expect(added == nil)
        await #expect(throws: MillraceError.self) { _ = try await add("{") }
        let stored = try await Self.item("turns", fixture)
        #expect(stored.activation.addedElements == ["{\"isPaid\": true, \"number\": 2}"])
        for _ in 0..<2 {
          let open = try await Self.isOpen("wait", fixture)
          #expect(open)
          try await Self.item("wait", fixture).activation().activate()
          for task in ["ship", "pack"] { try await Self.item(task, fixture).activation().done() }
        }
      }
      let cases = try await fixture.texts(
        "select status || ' ' || coalesce(data ->> 'number', '-') from cases order by created_at")
      #expect(cases == ["completed -", "completed -", "completed 2"])
      let told = try await fixture.count(
        "select count(*) from events where data::text like '%added_elements%' and name = 'post_advance_work_item'")
      #expect(told >= 1)
    }
  }
}
