import EventLoop
import Expressions
import Flows
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

/// Everything that waits.
private struct WaitingFlow: Flow {
  let start = flow.start().next(this.split)
  let split = flow.split().next(this.paid).next(this.mail).next(this.soon)
  let paid = flow.signal("paid").correlated(by: "data.order").next(this.join)
  let mail = flow.message("mail").correlated(by: "data.order").next(this.join)
  let soon = flow.timer(.milliseconds(1_000)).next(this.join)
  let join = flow.join().next(this.end)
  let end = flow.end()
}

/// Waits for an answer.
private struct MessageFlow: Flow {
  let start = flow.start().next(this.answer)
  let answer = flow.message("answer").correlated(by: "data.order").next(this.end)
  let end = flow.end()
}

/// Its job is done by somebody who says too much.
private struct SecretFlow: Flow {
  let start = flow.start().next(this.work)
  let work = flow.job("secret").retry(1).next(this.end)
  let end = flow.end()
}

/// What flows point to.
private struct Paper: ArtifactKind {
  static let artifactType = "Paper"
  var key: String
}

/// What the data of an order is in the program.
private struct OrderData: DataView {
  var total: Int64
  var isPaid = false

  init(data: JSON) throws {
    guard case .int(let total)? = data["total"] else { throw NodeError("NO_TOTAL", "The order has no total.") }
    self.total = total
  }

  var data: JSON { ["total": .int(total), "isPaid": .bool(isPaid)] }
}

/// Writes an invoice, and looks at its own item.
private struct PaperFlow: Flow {
  let start = flow.start().next(this.look)
  let look = flow.view().next(this.write)
  let write = flow.handler { activation in
    var order = try activation.caseData(as: OrderData.self)
    order.isPaid = order.total == 0
    activation.setCaseData(order)
    activation.caseArtifacts["invoice", as: Paper.self] = Paper(key: "2026-17")
    activation.artifacts["page"] = Artifact(name: "", type: "Page", url: "https://example.com")
    guard let look = activation.request.family.workItems.first(where: { $0.task == "paper-flow-look" }) else { return }
    let own = try await look.activation()
    guard !own.claim.canProceed, own.claim.refusal?.code == .state else { throw NodeError("CLAIM", "It is done.") }
  }.next(this.sign)
  let sign = flow.view().next(this.end)
  let end = flow.end()
}

/// Closures decide where it goes.
private struct GateFlow: Flow {
  let start = flow.start().next(this.decide)
  let decide = flow.if { $0.user.user == "ann" }.then(this.choose).else(this.refuse)
  let choose = flow.switch()
    .case(this.fork) { request in if case .int(let size)? = request.caseData["size"] { size > 10 } else { false } }
    .default(this.refuse)
  let fork = flow.split().next(this.first).next(this.second) { $0.caseData["both"]?.isTrue == true }
  let first = flow.view("First").texts(title: "First of {{ data.size }}").next(this.end)
  let second = flow.view("Second").next(this.end)
  let refuse = flow.view("Refuse").next(this.end)
  let end = flow.end()
}

/// By the clock.
private struct ClockFlow: Flow {
  let tick = flow.startTimer(every: .seconds(3_600)).next(this.look)
  let look = flow.view().next(this.end)
  let end = flow.end()
}

@Suite("Flows in Swift that run")
struct FlowTests {
  private static func withFlows(_ body: @escaping @Sendable (OrderFixture) async throws -> Void) async throws {
    var registry = ExtensionRegistry()
    Reviews.extend(&registry)
    registry.flow(StartFunctionFlow.self)
    registry.flow(StartSignalFlow.self)
    registry.flow(JobFlow.self)
    registry.flow(WaitingFlow.self)
    registry.flow(ClockFlow.self)
    registry.flow(MessageFlow.self)
    registry.flow(SecretFlow.self)
    registry.flow(GateFlow.self)
    registry.flow(PaperFlow.self)
    registry.flow(InvoiceFlow.self)
    registry.flow(ContractFlow.self)
    let extensions = try ExtensionTable(registry, modules: [])
    try await OrderFixture.with(extensions: extensions, { Reviews.register(&$0) }) { fixture in
      try await fixture.service.saveFlows()
      _ = try await fixture.database.transaction { try await $0.query("create table effects (job uuid)") }
      _ = try await fixture.database.transaction {
        try await $0.query("create table turns as select 1::bigint as taken")
      }
      try await body(fixture)
    }
  }

  private static func status(_ id: EntityID, _ fixture: OrderFixture) async throws -> String {
    var parameters = Parameters()
    parameters.append(id.uuid)
    return try await fixture.database.query("select status from cases where id = $1", parameters).text(0, 0)
  }

  private static func tasks(_ id: EntityID, _ fixture: OrderFixture) async throws -> [String] {
    var parameters = Parameters()
    parameters.append(id.uuid)
    let rows = try await fixture.database.query(
      "select task || ' ' || status from work_items where case_id = $1 order by created_at, id", parameters)
    return (0..<rows.count).map { rows.text($0, 0) }
  }

  private static func run(
    _ place: FlowPlace, _ data: JSON = [:], as caller: Caller, _ fixture: OrderFixture
  ) async throws -> EntityID {
    let request = CaseService.Request(command: place.start(data), caller: caller)
    return try #require(try await fixture.service.run(request).caseID)
  }

  @Test("the sample flow goes from its start to its end")
  func sample() async throws {
    try await Self.withFlows { fixture in
      let ann = Caller(user: "ann", groups: ["sample-flow.can_start", "sample-flow.can_approve"])
      let id = try await Self.run(SampleFlow.start, ["text": "hello", "approved": true], as: ann, fixture)
      let approve = try await fixture.ready(SampleFlow.approve.task, of: id)
      let groups = try await fixture.texts(
        "select array_to_string(addressed_groups, ',') from work_items where status = 'ready'")
      #expect(groups == ["sample-flow.can_approve"])
      await #expect(throws: MillraceError.self) {
        _ = try await fixture.service.run(
          CaseService.Request(command: .completeWorkItem(approve), caller: Caller(user: "eve")))
      }
      _ = try await fixture.service.run(CaseService.Request(command: .completeWorkItem(approve), caller: ann))
      #expect(try await Self.status(id, fixture) == "completed")
      let data = try await fixture.texts("select data ->> 'sent' from cases where workflow = 'sample-flow'")
      #expect(data == ["hello"])
    }
  }

  @Test("a split leads to those whose condition holds, and a receiver starts another flow in its mutation")
  func review() async throws {
    try await Self.withFlows { fixture in
      let ann = Caller(user: "ann", groups: ["lawyers"])
      let id = try await Self.run(ReviewFlow.start, ["isTechnical": false], as: ann, fixture)
      let items = try await Self.tasks(id, fixture)
      #expect(items.contains("review-flow-legal ready") && !items.contains { $0.hasPrefix("review-flow-technical") })
      let legal = try await fixture.ready(ReviewFlow.legal.task, of: id)
      _ = try await fixture.service.run(CaseService.Request(command: .completeWorkItem(legal), caller: ann))
      let ended = try await Self.status(id, fixture)
      #expect(ended == "completed")
      let started = try await fixture.texts(
        "select data ->> 'doubled' from cases where workflow = 'start-function-flow'")
      #expect(started == ["84"])
      let timers = try await fixture.count(
        "select count(*) from scheduled_work where work_item is not null and kind = 'timer'")
      #expect(timers == 0)
    }
  }

  @Test("VF-150 to VF-152 four eyes, the same owner, and turns within a case and over all cases")
  func recipes() async throws {
    try await Self.withFlows { fixture in
      let (ann, bob) = (Caller(user: "ann"), Caller(user: "bob"))
      func complete(_ node: FlowPlace, of id: EntityID, as caller: Caller) async throws {
        let item = try await fixture.ready(node.task, of: id)
        _ = try await fixture.service.run(CaseService.Request(command: .completeWorkItem(item), caller: caller))
      }
      for signer in ["lea", "max"] {
        let id = try await Self.run(ContractFlow.start, as: ann, fixture)
        try await complete(ContractFlow.draft, of: id, as: ann)
        await #expect(throws: MillraceError.self) { try await complete(ContractFlow.approve, of: id, as: ann) }
        try await complete(ContractFlow.approve, of: id, as: bob)
        try await complete(ContractFlow.correct, of: id, as: ann)
        for _ in 0..<3 { try await complete(ContractFlow.check, of: id, as: bob) }
        let right = UpdateCase(id: id, workflow: "contract-flow", data: #"{"isRight": true}"#)
        _ = try await fixture.service.run(CaseService.Request(command: .updateCase(right), caller: ann))
        try await complete(ContractFlow.check, of: id, as: bob)
        var parameters = Parameters()
        parameters.append(id.uuid)
        let rows = try await fixture.database.query(
          """
          select string_agg(assigned_users[1], ' ' order by created_at, id) from work_items
          where case_id = $1 and assigned_users <> '{}'
          """, parameters)
        #expect(rows.text(0, 0) == "ann ida jim kim ida \(signer)")
      }
    }
  }

  @Test("flows are saved once, however often servers start")
  func idempotent() async throws {
    try await Self.withFlows { fixture in
      let before = try await fixture.count("select revision from definition_revision")
      try await fixture.service.saveFlows()
      let after = try await fixture.count("select revision from definition_revision")
      #expect(before == after)
    }
  }

  @Test("code starts a flow with arguments, and a start that fails leaves no case")
  func startFunction() async throws {
    try await Self.withFlows { fixture in
      try await fixture.service.flows {
        let id = try await StartFunctionFlow.start.run(schedule: 42)
        let data = try await fixture.texts("select data ->> 'doubled' from cases")
        #expect(data == ["84"])
        #expect(try await Self.tasks(id, fixture).last == "start-function-flow-work ready")
        await #expect(throws: MillraceError.self) { try await StartFunctionFlow.start.run() }
      }
      let cases = try await fixture.count("select count(*) from cases")
      #expect(cases == 1)
    }
  }

  @Test("code asks a work item what can be done with it, and does it; data and artifacts have types of the program")
  func activation() async throws {
    try await Self.withFlows { fixture in
      func item(_ task: String) async throws -> WorkItem {
        let state = try await fixture.database.transaction { transaction in
          try await FamilyStore.read(
            ofCase: EntityID(try await transaction.query("select id from cases").uuid(0, 0)), in: transaction)
        }
        return try #require(state.workItems.last { $0.task == "paper-flow-\(task)" })
      }
      let service = fixture.service
      try await service.flows(as: Caller(user: "ann")) {
        await #expect(throws: MillraceError.self) { try await PaperFlow.sign.run(total: 3) }
        try await PaperFlow.start.run(total: 3)
        var look = try await item("look").activation()
        #expect(look.claim.canProceed && look.done.canProceed && !look.undo.canProceed && !look.retry.canProceed)
        try await look.claim()
        let claimed = try await item("look")
        #expect(claimed.assignedUsers == ["ann"])
        await #expect(throws: MillraceError.self) { try await look.assign("bob") }
        look = try await claimed.activation()
        #expect(look.assign.refusal?.code == .assigned && look.reassign.canProceed)
        try await look.reassign("bob", "ida")
        try await look.start()
        try await look.done()
        let written = try await item("write")
        #expect(written.activation.artifacts == [Artifact(name: "page", type: "Page", url: "https://example.com")])
        let data = try await fixture.texts("select data::text || ' ' || artifacts::text from cases")
        #expect(data == [#"{"total": 3, "isPaid": false} [{"key": "2026-17", "name": "invoice", "type": "Paper"}]"#])
        try await item("sign").activation().done()
        let first = try await item("look").activation()
        #expect(!first.undo.canProceed && first.undo.refusal?.message.contains("What followed") == true)
        try await item("end").activation().undo()
        try await service.correct(try await item("sign"), as: Caller(user: "ann"))
        let sign = try await item("sign")
        #expect(sign.status == .ready)
        try await first.undo(cascade: true, reopen: true)
        let again = try await item("look")
        #expect(again.status == .ready && again.assignedUsers == [] && again.id == claimed.id)
      }
      let running = try await fixture.count("select count(*) from cases where status = 'running'")
      #expect(running == 1)
      try await fixture.service.flows { try await InvoiceFlow.start.run(total: 3) }
      let invoice = try await fixture.texts(
        "select artifacts -> 0 ->> 'key' from cases where workflow = 'invoice-flow'")
      #expect(invoice == ["INV-3"])
      await #expect(throws: MillraceError.self) { try await item("look").activation() }
    }
  }

  @Test("closures decide at gateways as expressions do", arguments: [
    ("ann", #"{"size": 20, "both": true}"#, ["first", "second"]), ("ann", #"{"size": 20}"#, ["first"]),
    ("ann", #"{"size": 3}"#, ["refuse"]), ("eve", #"{"size": 20}"#, ["refuse"]),
  ])
  func gates(user: String, data: String, ready: [String]) async throws {
    let data = try #require(JSON(json: data))
    try await Self.withFlows { fixture in
      _ = try await Self.run(GateFlow.start, data, as: Caller(user: user), fixture)
      let tasks = try await fixture.texts("select task from work_items where status = 'ready' order by created_at, id")
      #expect(tasks == ready.map { "gate-flow-\($0)" })
      let named = try await fixture.texts("select name ->> 'en' from work_items where task = 'gate-flow-first'")
      #expect(named == (ready.contains("first") ? ["First of 20"] : []))
    }
  }

  @Test("VF-110 a signal starts a flow once, with what it brings as data")
  func startSignal() async throws {
    try await Self.withFlows { fixture in
      try await fixture.withJobWorker { _ in
        try await fixture.wait("select exists (select 1 from signal_catches where workflow = 'start-signal-flow')")
        let receivers = try await fixture.service.broadcastSignal(
          CaseService.SignalInput(name: "order.paid", payload: #"{"order": 7}"#), by: Caller(user: "shop"))
        #expect(receivers == 1)
        try await fixture.wait(
          "select exists (select 1 from work_items where task = 'start-signal-flow-ship' and status = 'ready')")
        try await fixture.wait("select not exists (select 1 from scheduled_work where handler = 'signal')")
      }
      let cases = try await fixture.texts(
        "select data ->> 'order' || ' ' || created_by_user from cases where workflow = 'start-signal-flow'")
      #expect(cases == ["7 shop"])
    }
  }

  @Test("a job runs after the commit, its effect is there once, and the case goes on")
  func job() async throws {
    try await Self.withFlows { fixture in
      let id = try await Self.run(JobFlow.start, as: Caller(), fixture)
      #expect(try await Self.tasks(id, fixture).last == "job-flow-charge scheduled")
      try await fixture.withJobWorker(fixture.service.extensions.flowJobs) { _ in
        try await fixture.wait(
          "select exists (select 1 from cases where workflow = 'job-flow' and status = 'completed')")
      }
      let effects = try await fixture.count("select count(*) from effects")
      let left = try await fixture.count("select count(*) from scheduled_work where kind = 'job'")
      let data = try await fixture.texts("select data ->> 'charged' from work_items where task = 'job-flow-charge'")
      #expect(effects == 1 && left == 0 && data == ["true"])
    }
  }

  @Test("VF-100 while a job works its family is free: only its start and its end take the lock")
  func jobLock() async throws {
    try await Self.withFlows { fixture in
      let id = try await Self.run(JobFlow.start, as: Caller(), fixture)
      let (begun, begin) = AsyncStream<Void>.makeStream()
      let (freed, free) = AsyncStream<Void>.makeStream()
      let handler: JobHandler = { _ in
        begin.yield()
        for await _ in freed { break }
      }
      try await fixture.withJobWorker(["job-flow.charge.job": handler]) { _ in
        for await _ in begun { break }
        // Would wait for the job if the job had the lock.
        let change = Command.updateCase(UpdateCase(id: id, workflow: "job-flow", meta: #"{"seen": true}"#))
        _ = try await fixture.service.run(CaseService.Request(command: change))
        let meta = try await fixture.texts("select meta ->> 'seen' from cases where workflow = 'job-flow'")
        #expect(meta == ["true"])
        free.yield()
        try await fixture.wait(
          "select exists (select 1 from cases where workflow = 'job-flow' and status = 'completed')")
      }
    }
  }

  /// What a program may know and nobody else.
  private struct Secretive: Error {
    let password = "hunter2-secret"
  }

  @Test("surprise 21: of an error in the background only its kind is stored, nothing that the program knew")
  func errorHygiene() async throws {
    try await Self.withFlows { fixture in
      _ = try await Self.run(SecretFlow.start, as: Caller(), fixture)
      let handler: JobHandler = { job in
        let local = "hunter2-local"
        guard local.isEmpty else { throw Secretive() }
        job.result = [:]
      }
      try await fixture.withJobWorker(["secret": handler]) { _ in
        try await fixture.wait(
          "select exists (select 1 from work_items where task = 'secret-flow-work' and status = 'error')")
      }
      let stored = try await fixture.texts(
        """
        select to_jsonb(w)::text from work_items w union all select to_jsonb(e)::text from events e
        union all select to_jsonb(s)::text from scheduled_work s
        """)
      #expect(stored.count > 3 && !stored.contains { $0.contains("hunter2") })
      let message = try await fixture.texts("select error_message from work_items where status = 'error'")
      #expect(message.count == 1 && message[0].contains("Secretive"))
    }
  }

  @Test("a job whose error has a boundary goes on there after its last attempt")
  func jobFails() async throws {
    try await Self.withFlows { fixture in
      let id = try await Self.run(JobFlow.start, as: Caller(), fixture)
      let attempts = Notes()
      let handler: JobHandler = { job in
        attempts.add("\(job.attempt)")
        throw JobFailure("DECLINED", "no money", isFinal: true)
      }
      try await fixture.withJobWorker(["job-flow.charge.job": handler]) { _ in
        try await fixture.wait(
          "select exists (select 1 from work_items where task = 'job-flow-refused' and status = 'ready')")
      }
      #expect(attempts.all == ["1"])
      #expect(try await Self.status(id, fixture) == "running")
      let left = try await fixture.count("select count(*) from scheduled_work where kind = 'job'")
      #expect(left == 0)
    }
  }

  @Test("VF-111 a signal, a message and a timer each let their catch go on, once, also when they come first")
  func waiting() async throws {
    try await Self.withFlows { fixture in
      // The message is there before anything waits for it.
      let isDelivered = try await fixture.service.sendMessage(
        CaseService.SignalInput(name: "mail", correlation: "a1", payload: #"{"n": 1}"#, messageID: "m1"))
      #expect(!isDelivered)
      let repeated = try await fixture.service.sendMessage(
        CaseService.SignalInput(name: "mail", correlation: "a1", messageID: "m1"))
      #expect(repeated)
      let id = try await Self.run(WaitingFlow.start, ["order": "a1"], as: Caller(), fixture)
      let other = try await Self.run(WaitingFlow.start, ["order": "b2"], as: Caller(), fixture)
      try await fixture.withJobWorker { _ in
        try await fixture.withJobWorker { _ in
          _ = try await fixture.service.broadcastSignal(
            CaseService.SignalInput(name: "paid", correlation: "a1", payload: "true"))
          try await fixture.wait(
            "select count(*) = 1 from cases where workflow = 'waiting-flow' and status = 'completed'")
        }
      }
      let ended = try await Self.status(id, fixture)
      let waits = try await Self.status(other, fixture)
      #expect(ended == "completed" && waits == "running")
      let closed = try await fixture.texts(
        "select task || ' ' || count(*) from events where name = 'post_complete_work_item' and task in ('waiting-flow-paid', 'waiting-flow-mail', 'waiting-flow-soon') and case_id in (select id from cases where status = 'completed') group by task order by task"
      )
      #expect(closed == ["waiting-flow-mail 1", "waiting-flow-paid 1", "waiting-flow-soon 1"])
      let payload = try await fixture.texts(
        "select data::text from work_items where task = 'waiting-flow-mail' and status = 'completed'")
      #expect(payload == [#"{"n": 1}"#])
    }
  }

  @Test("a message and its catch that come at the same moment do not pass each other by")
  func meetings() async throws {
    try await Self.withFlows { fixture in
      let rounds = 25
      try await fixture.withJobWorker { _ in
        try await fixture.withSecondService { second in
          for round in 0..<rounds {
            async let started = Self.run(MessageFlow.start, ["order": .string("\(round)")], as: Caller(), fixture)
            async let sent = second.loop.run {
              try await second.service.sendMessage(
                CaseService.SignalInput(name: "answer", correlation: "\(round)", payload: "\(round)"))
            }
            _ = try await (started, sent)
          }
        }
        try await fixture.wait(
          "select count(*) = 25 from cases where workflow = 'message-flow' and status = 'completed'")
      }
      let taken = try await fixture.count(
        "select count(distinct delivered_to) from signals where delivered_to is not null")
      let right = try await fixture.count(
        "select count(*) from work_items w join cases c on c.id = w.case_id where w.task = 'message-flow-answer' and w.data::text = c.data ->> 'order'"
      )
      #expect(taken == Int64(rounds) && right == Int64(rounds))
    }
  }

  @Test("a receiver's job is added with its mutation, and not when that fails")
  func enqueued() async throws {
    let notes = Notes()
    try await OrderFixture.with({ events in
      events.on(.postCompleteWorkItem) { event, context in
        try await context.enqueue(JobInput("note", payload: .string(event.workItem?.task ?? "")))
      }
      events.on(.postCompleteWorkItem, raiseException: true) { event, _ in
        if event.user == "eve" { throw MillraceError(.receiverFailed, "not you") }
      }
    }) { fixture in
      let id = try await fixture.start()
      let draft = try await fixture.ready("draft", of: id)
      await #expect(throws: MillraceError.self) {
        _ = try await fixture.service.run(
          CaseService.Request(command: .completeWorkItem(draft), caller: Caller(user: "eve")))
      }
      try await fixture.complete("draft", of: id)
      try await fixture.withJobWorker(["note": { notes.add($0.payload.text ?? "") }]) { _ in
        try await fixture.wait("select not exists (select 1 from scheduled_work)")
      }
    }
    #expect(notes.all == ["draft"])
  }

  @Test("VF-124 a clock starts a case at once and not again before its time, with two schedulers")
  func clock() async throws {
    try await Self.withFlows { fixture in
      try await fixture.withJobWorker { _ in
        try await fixture.withJobWorker { _ in
          try await fixture.wait("select exists (select 1 from cases where workflow = 'clock-flow')")
          try await fixture.database.loop.sleep(milliseconds: 200)
        }
      }
      let cases = try await fixture.count("select count(*) from cases where workflow = 'clock-flow'")
      let next = try await fixture.count(
        "select count(*) from scheduled_work where handler = 'start' and due_at > now() + interval '3500 seconds'")
      #expect(cases == 1 && next == 1)
    }
  }

  @Test("the clock of an archived workflow starts no case until it is back; the timers of its cases go on")
  func archivedClock() async throws {
    try await Self.withFlows { fixture in
      let editor = CaseService.Editor(caller: Caller(), language: "en")
      func save(_ slug: String, _ start: String, isPublished: Bool, isArchived: Bool) async throws {
        var input = DefinitionStore.WorkflowInput(slug: slug, name: slug, startTasks: [start])
        input.isPublished = .given(isPublished)
        input.isArchived = .given(isArchived)
        try await fixture.service.saveWorkflow(input, by: editor)
      }
      let starts = try await fixture.texts("select task from workflow_start_tasks where workflow = 'clock-flow'")
      let start = try #require(starts.first)
      try await save("clock-flow", start, isPublished: true, isArchived: true)
      try await save("daily", start, isPublished: false, isArchived: false)
      var pause = NodeDefinition()
      pause.delay = .seconds(1)
      var timer = DefinitionStore.TaskInput(slug: "pause", type: .timer, name: "pause")
      timer.node = .given(pause)
      try await fixture.service.saveTask(timer, by: editor)
      try await save("pausing", "pause", isPublished: true, isArchived: false)
      _ = try await fixture.service.run(CaseService.Request(command: .startCase(StartCase(workflow: "pausing"))))
      try await save("pausing", "pause", isPublished: true, isArchived: true)
      try await fixture.withJobWorker { _ in
        try await fixture.wait(
          "select exists (select 1 from cases where workflow = 'pausing' and status = 'completed')")
        let early = try await fixture.count("select count(*) from cases where workflow in ('clock-flow', 'daily')")
        #expect(early == 0)
        try await save("daily", start, isPublished: true, isArchived: false)
        try await fixture.wait("select exists (select 1 from cases where workflow = 'daily')")
        try await save("daily", start, isPublished: true, isArchived: true)
        try await fixture.wait("select not exists (select 1 from scheduled_work where handler = 'start')")
      }
      let late = try await fixture.count("select count(*) from cases where workflow in ('clock-flow', 'daily')")
      #expect(late == 1)
    }
  }

  @Test("VF-155 a snoozed item comes back by itself, and a deadline that passes is told once")
  func moments() async throws {
    try await OrderFixture.with { fixture in
      let id = try await fixture.start()
      let item = try await fixture.ready("draft", of: id)
      let soon = Timestamp.now().microseconds + 4_000_000
      _ = try await fixture.service.run(
        CaseService.Request(command: .snoozeWorkItem(item, until: soon), caller: Caller(user: "ann")))
      var save = SaveWorkItem(id: item)
      save.deadline = .some(soon)
      _ = try await fixture.service.run(CaseService.Request(command: .saveWorkItem(save), caller: Caller(user: "ann")))
      let snoozed = try await fixture.count("select count(*) from work_items where snoozed_until is not null")
      #expect(snoozed == 1)
      try await fixture.withJobWorker { _ in
        try await fixture.withJobWorker { _ in
          try await fixture.wait("select not exists (select 1 from scheduled_work)")
        }
      }
      let told = try await fixture.texts(
        "select name || ' ' || count(*) from events where name in ('post_overdue_work_item', 'post_unsnooze_work_item') group by name order by name"
      )
      #expect(told == ["post_overdue_work_item 1", "post_unsnooze_work_item 1"])
      let left = try await fixture.count("select count(*) from work_items where snoozed_until is not null")
      #expect(left == 0)
    }
  }
}
