// The examples of docs/how-to/flows.md, which the tests run. A test holds the two to be the same.

import Flows
import Millrace
import Postgres
import WorkflowEngine

struct SampleFlow: Flow {
  let start = flow.start().permission(autoCreate: true).next(this.approve)
  let approve = flow.view().permission(autoCreate: true).next(this.checkApprove)
  let checkApprove = flow.if("data.approved").then(this.send).else(this.end)
  let send = flow.handler { activation in
    activation.caseData = ["sent": activation.caseData["text"] ?? .null]
  }.next(this.end)
  let end = flow.end()
}

struct StartFunctionFlow: Flow {
  let start = flow.startFunction { activation in
    guard case .int(let schedule)? = activation.caseData["schedule"] else {
      throw NodeError("NO_SCHEDULE", "A schedule is needed.")
    }
    activation.caseData = ["schedule": .int(schedule), "doubled": .int(schedule * 2)]
  }.next(this.work)
  let work = flow.view().next(this.end)
  let end = flow.end()
}

struct StartSignalFlow: Flow {
  let paid = flow.startSignal("order.paid").next(this.ship)
  let ship = flow.view().next(this.end)
  let end = flow.end()
}

struct PaidFlow: Flow {
  let start = flow.start().next(this.paid)
  let paid = flow.condition { $0.caseData["isPaid"] == true }.next(this.wait)
  let wait = flow.timer(.seconds(86_400)).next(this.ship)
  let ship = flow.view().next(this.pack)
  let pack = flow.view().next(this.end)
  let end = flow.end()
}

struct JobFlow: Flow {
  let start = flow.start().next(this.charge)
  let charge = flow.job { job in
    let id = job.id
    job.atEnd { end in
      var parameters = Parameters()
      parameters.append(id.uuid)
      try await end.query("insert into effects (job) values ($1)", parameters)
    }
    job.result = ["charged": true]
  }.retry(3).onError("DECLINED", this.refused).next(this.end)
  let refused = flow.view().next(this.end)
  let end = flow.end()
}

struct ReviewFlow: Flow {
  let start = flow.start().next(this.split)
  let split = flow.split().next(this.legal).next(this.technical, when: "data.isTechnical")
  let legal = flow.view("Legal review").permission("lawyers").assign(this.start.owner)
    .onTimeout(.seconds(86_400), this.remind, interrupting: false).next(this.join)
  let technical = flow.view("Technical review").permission("engineers").next(this.join)
  let remind = flow.throwSignal("review.late").next(this.reminded)
  let reminded = flow.end()
  let join = flow.join(.all).next(this.verdict)
  let verdict = flow.switch().case("data.verdict == 'again'", this.split).default(this.end)
  let end = flow.end()
}

struct ContractFlow: Flow {
  let start = flow.start().next(this.draft)
  let draft = flow.view().next(this.approve)
  // Four eyes: whoever has drafted it cannot approve it.
  let approve = flow.view().permission(expression: "!(user in completedBy['contract-flow-draft'])").next(this.correct)
  // Same owner: it goes back to whoever has drafted it.
  let correct = flow.view().assign(this.draft.owner).next(this.check)
  // Round robin within a case: each time that the case comes here it is somebody else's turn.
  let check = flow.view().assign { request in
    let turn = request.family.workItems.count { $0.task == request.task }
    return [["ida", "jim", "kim"][turn % 3]]
  }.next(this.isRight)
  let isRight = flow.if("data.isRight").then(this.choose).else(this.check)
  // Round robin over all cases: the database counts the turns, for all servers.
  let choose = flow.handler { activation in
    let turns = try await activation.query("update turns set taken = taken + 1 returning taken")
    activation.caseData = ["signer": .string(["lea", "max"][Int(turns.int64(0, 0) % 2)])]
  }.next(this.sign)
  let sign = flow.view().assign(.expression("data.signer")).next(this.end)
  let end = flow.end()
}

struct Order: DataView {
  var total: Int64

  init(data: JSON) throws {
    guard case .int(let total)? = data["total"] else { throw NodeError("NO_TOTAL", "The order has no total.") }
    self.total = total
  }

  var data: JSON { ["total": .int(total)] }
}

struct Invoice: ArtifactKind {
  static let artifactType = "Invoice"
  var key: String
}

struct InvoiceFlow: Flow {
  let start = flow.start().next(this.write)
  let write = flow.handler { activation in
    let order = try activation.caseData(as: Order.self)
    activation.caseArtifacts["invoice", as: Invoice.self] = Invoice(key: "INV-\(order.total)")
  }.next(this.send)
  let send = flow.view().next(this.end)
  let end = flow.end()
}

extension CaseService {
  /// Has people do an item once more, when nothing has come of it.
  func correct(_ workItem: WorkItem, as caller: Caller) async throws {
    try await flows(as: caller) {
      let activation = try await workItem.activation()
      if activation.undo.canProceed { try await activation.undo(reopen: true) }
    }
  }
}

enum Reviews: MillraceModule {
  static let name = "reviews"

  static func extend(_ extensions: inout ExtensionRegistry) {
    extensions.flow(SampleFlow.self)
    extensions.flow(ReviewFlow.self)
  }

  static func register(_ events: inout ReceiverRegistry) {
    events.on(.postCompleteCase) { event, _ in
      guard event.case?.workflow == "review-flow" else { return }
      try await StartFunctionFlow.start.run(schedule: 42)
    }
  }
}
