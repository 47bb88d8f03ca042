import Flows
import Testing
import WorkflowEngine

private struct SampleFlow: Flow {
  let start = flow.start().permission(autoCreate: true).next(this.approve)
  let approve = flow.view("Approve it").permission(autoCreate: true).assign(this.start.owner).next(this.checkApprove)
  let checkApprove = flow.if("case.data.approved").then(this.send).else(this.end)
  let send = flow.timer(.seconds(5)).next(this.end)
  let end = flow.end()
}

@Suite("Flows in Swift")
struct FlowProgramTests {
  private func task(_ slug: String, _ program: FlowProgram) throws -> TaskDefinition {
    try #require(program.tasks.first { $0.slug == slug })
  }

  @Test("properties become tasks, references become edges, and the flow has its type's name")
  func sample() throws {
    let program = FlowProgram(SampleFlow.self)
    #expect(program.problems.isEmpty, "\(program.problems)")
    #expect(program.slug == "sample-flow" && program.title == "Sample flow")
    #expect(program.startTasks == ["sample-flow-start"])
    #expect(
      program.tasks.map(\.slug) == [
        "sample-flow-start", "sample-flow-approve", "sample-flow-check-approve", "sample-flow-send", "sample-flow-end",
      ])
    #expect(
      program.titles["sample-flow-approve"] == "Approve it"
        && program.titles["sample-flow-check-approve"] == "Check approve")
    let approve = try task("sample-flow-approve", program)
    #expect(approve.type == .simple && approve.addressGroups == "['sample-flow.can_approve']|groups")
    #expect(approve.node?.permission?.groups == ["sample-flow.can_approve"])
    #expect(approve.node?.assignment == .sameAs(task: "sample-flow-start"))
    #expect(approve.node?.edges.map(\.target) == ["sample-flow-check-approve"])
    let check = try task("sample-flow-check-approve", program)
    #expect(check.node?.edges.map(\.condition) == ["case.data.approved", nil])
    #expect(check.node?.edges.map(\.isDefault) == [false, true])
  }

  @Test("a node of a flow is found from outside by its property")
  func place() {
    #expect(SampleFlow.checkApprove.task == "sample-flow-check-approve")
    #expect(SampleFlow.start.workflow == "sample-flow")
  }

  /// What two flows have in common.
  private static let review = flow.view("Review").onTimeout(.seconds(60), this.end).next(this.after)

  private struct First: Flow {
    let start = flow.start().next(this.review)
    let review = FlowProgramTests.review
    let after = flow.view("First").next(this.end)
    let end = flow.end()
  }

  private struct Second: Flow {
    let start = flow.start().next(this.review)
    let review = FlowProgramTests.review
    let after = flow.timer(.seconds(5)).next(this.end)
    let end = flow.end()
  }

  @Test(
    "surprise 17: a node that flows share leads on in the flow that it stands in",
    arguments: [First.self, Second.self] as [any Flow.Type])
  func shared(type: any Flow.Type) throws {
    func read<Declared: Flow>(_ type: Declared.Type) -> FlowProgram { FlowProgram(type) }
    let program = read(type)
    #expect(program.problems.isEmpty, "\(program.problems)")
    let review = try task("\(program.slug)-review", program)
    #expect(review.node?.edges.map(\.target) == ["\(program.slug)-after"])
    #expect(review.node?.boundaries.map(\.target) == ["\(program.slug)-end"])
    #expect(try task("\(program.slug)-after", program).type == (program.slug == "first" ? .simple : .timer))
  }

  private struct Broken: Flow {
    let start = flow.start().next(this.decide)
    let decide = flow.if("true").then(this.nowhere)
    let lost = flow.view().next(this.end)
    let end = flow.end()
  }

  @Test("a target that does not exist is an error at the line that names it")
  func unknownTarget() throws {
    let problems = FlowProgram(Broken.self).problems
    #expect(problems.count == 1)
    let problem = try #require(problems.first)
    #expect(problem.message.contains("this.nowhere") && problem.place.file.hasSuffix("FlowProgramTests.swift"))
    #expect(problem.place.line > 40 && problem.description.contains(":\(problem.place.line): "))
  }

  private static let wrongLine: UInt = #line + 2

  private struct Wrong: Flow {
    let start = flow.start().next(this.decide)
    let decide = flow.if("true").then(this.join)
    let join = flow.join().next(this.stop)
    let stop = flow.view()
    let lost = flow.view().next(this.end)
    let end = flow.end()
  }

  @Test("dead ends, ifs without else, joins without split and unreachable nodes are errors")
  func wrong() {
    let problems = FlowProgram(Wrong.self).problems
    let messages = problems.map(\.message)
    let (decided, joined, stopped, lost) = (Self.wrongLine + 2, Self.wrongLine + 3, Self.wrongLine + 4, Self.wrongLine + 5)
    #expect(messages.contains { $0.contains("wrong-decide has no else") })
    #expect(messages.contains { $0.contains("No split leads to the join wrong-join") })
    #expect(messages.contains { $0.contains("No way leads to wrong-lost") })
    #expect(messages.contains { $0.contains("Nothing follows wrong-stop") })
    // Each says in which file, and at the line of its node.
    for (word, node) in [("no else", decided), ("the join", joined), ("leads to wrong-lost", lost), ("wrong-stop", stopped)] {
      let place = problems.first { $0.message.contains(word) }?.place
      #expect(place?.file.hasSuffix("FlowProgramTests.swift") == true && place?.line == node, "\(word)")
    }
  }

  private struct Empty: Flow {
    let end = flow.end()
  }

  @Test("a flow without a start, and conditions where there is no gateway, are errors")
  func noStart() {
    #expect(FlowProgram(Empty.self).problems.map(\.message) == ["Empty has no start."])
    struct Conditional: Flow {
      let start = flow.start().next(this.end, when: "true")
      let end = flow.end()
    }
    #expect(FlowProgram(Conditional.self).problems.first?.message.contains("no gateway") == true)
  }

  @Test("splits, joins, boundaries and loops are fine")
  func fine() {
    struct Fine: Flow {
      let start = flow.start().next(this.split)
      let split = flow.split().next(this.one).next(this.two, when: "case.data.two")
      let one = flow.view().onTimeout(.seconds(60), this.two, interrupting: false).onError("E", this.stop).next(
        this.join)
      let two = flow.view().next(this.join)
      let join = flow.join(.any, remaining: .cancel).next(this.again)
      let again = flow.switch().case("case.data.again", this.split).default(this.end)
      let stop = flow.error("FAILED")
      let end = flow.end()
    }
    let program = FlowProgram(Fine.self)
    #expect(program.problems.isEmpty, "\(program.problems)")
  }

  @Test("what becomes of overdue items is said at the node")
  func escalation() throws {
    struct Overdue: Flow {
      let start = flow.start().next(this.look)
      let look = flow.view().leadTime(.seconds(60)).escalate(to: "jim").escalate(toGroups: "chiefs").onDeadline(
        this.remind
      )
        .next(this.end)
      let remind = flow.view().next(this.end)
      let end = flow.end()
    }
    let program = FlowProgram(Overdue.self)
    #expect(program.problems.isEmpty, "\(program.problems)")
    let look = try task("overdue-look", program)
    #expect(look.leadTime == 60)
    #expect(look.node?.escalation == EscalationRule(assignment: .users(["jim"]), addressGroups: "['chiefs']|groups"))
    #expect(look.node?.boundaries == [BoundaryDefinition(.deadline, target: "overdue-remind", isInterrupting: false)])
  }
}
