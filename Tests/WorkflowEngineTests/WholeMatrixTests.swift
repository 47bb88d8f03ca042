import Testing
import WorkflowEngine

/// Every state of a work item in every state of its case against every operation on it, and against those that reach
/// it through another item or its case.
@Suite("The whole matrix of states and operations")
struct WholeMatrixTests {
  enum Operation: String, CaseIterable {
    case complete, skip, cancel, suspend, resume, redo, redoOfAncestor, reopenCase, reentry, cancelCase, suspendCase,
      resumeCase, save, addInstance
  }

  /// `x` in the given state, in a case in the given state. It followed from `before`; `after`, which is ready,
  /// followed from it and allows to redo both. `go` leads to `x`.
  static func bench(
    _ item: WorkItemStatus, in found: CaseStatus, for operation: Operation, _ compatibility: Compatibility
  ) -> Bench {
    var bench = Bench(
      start: ["before", "go"], flows: [(["before"], "'x'|task"), (["go"], "'x'|task"), (["x"], "'after'|task")],
      redoable: ["after": "['x', 'before']|tasks"],
      tasks: operation == .addInstance ? [TaskDefinition(slug: "x", isMultipleInstance: true)] : [],
      compatibility: compatibility)
    let root = bench.ids.next()
    func row(_ task: String, _ status: WorkItemStatus, after previous: EntityID? = nil) -> WorkItem {
      WorkItem(
        id: bench.ids.next(), caseID: root, task: task, status: status, previousWorkItem: previous,
        createdAt: bench.now, modifiedAt: bench.now)
    }
    let before = row("before", .completed)
    var items = [before, row("x", item, after: before.id), row("go", .ready)]
    if operation == .redo || operation == .redoOfAncestor { items.append(row("after", .ready, after: items[1].id)) }
    bench.state = FamilyState(
      cases: [
        Case(id: root, family: root, workflow: "main", status: found, createdAt: bench.now, modifiedAt: bench.now)
      ],
      workItems: items)
    return bench
  }

  static func command(_ operation: Operation, _ bench: Bench) -> Command {
    let x = bench.item("x")
    return switch operation {
    case .complete: .completeWorkItem(x)
    case .skip: .skipWorkItem(x)
    case .cancel: .cancelWorkItem(x)
    case .suspend: .suspendWorkItem(x)
    case .resume: .resumeWorkItem(x)
    case .redo: .redoWorkItem(x)
    case .redoOfAncestor: .redoWorkItem(bench.item("before"))
    case .reopenCase: .reopenCase(bench.root, workItems: [x])
    case .reentry: .completeWorkItem(bench.item("go"))
    case .cancelCase: .cancelCase(bench.root)
    case .suspendCase: .suspendCase(bench.root)
    case .resumeCase: .resumeCase(bench.root)
    case .save: .saveWorkItem(SaveWorkItem(id: x, meta: "[]"))
    case .addInstance: .createWorkItem(CreateWorkItem(caseID: bench.root, task: "x"))
    }
  }

  /// The new state of `x`, the message, or what else came of it.
  static func outcome(_ operation: Operation, _ start: Bench) -> String {
    var bench = start
    if let message = bench.refusal(command(operation, start)) {
      #expect(bench.state == start.state)
      return message
    }
    let status = bench.state.workItem(start.item("x"))?.status.rawValue ?? ""
    if operation == .reentry || operation == .addInstance {
      return bench.items("x").count > 1 ? "new" : status == start.status("x")?.rawValue ? "kept" : status
    }
    return status
  }

  static let messages = [
    "!complete": "Only ready work items can be completed.",
    "!completeInCase": "Only work items of running cases can be completed.",
    "!skip": "Only ready work items can be skipped.",
    "!skipInCase": "Only work items of running cases can be skipped.",
    "!cancel": "Only ready or suspended work items can be canceled.",
    "!suspend": "Only ready work items can be suspended.",
    "!resume": "Only suspended work items can be resumed.",
    "!resumeInCase": "Only work items of running cases can be resumed.",
    "!redoReady": "Ready work items can't be redone.",
    "!redo": "Workflow doesn't allow to redo this work item.",
    "!reopenCase": "Only completed and canceled cases can be reopened.",
    "!cancelCase": "Only running or suspended cases can be canceled.",
    "!suspendCase": "Only running cases can be suspended.",
    "!resumeCase": "Only suspended cases can be resumed.",
    "!addInstance":
      "The given case 00000000-0000-0000-0000-000000000001 does not have any running work items corresponding to the "
      + "task x. A new instance of a `MultipleInstanceTask` can only be created when there is at least one running "
      + "sibling work item.",
  ]

  // State of the case, state of the item: what comes of complete, skip, cancel, suspend, resume and redo | of redoing
  // an ancestor, reopening the case, entering the task again, canceling, suspending and resuming the case, saving the
  // item, adding an instance.
  static let exact = """
    running ready: completed skipped canceled suspended !resume !redoReady | \
      redo !reopenCase kept canceled suspended !resumeCase ready new
    running suspended: !complete !skip canceled !suspend ready ready | \
      redo !reopenCase kept canceled suspended !resumeCase suspended !addInstance
    running completed: !complete !skip !cancel !suspend !resume ready | \
      redo !reopenCase new completed completed !resumeCase completed !addInstance
    running skipped: !complete !skip !cancel !suspend !resume ready | \
      redo !reopenCase new skipped skipped !resumeCase skipped !addInstance
    running canceled: !complete !skip !cancel !suspend !resume ready | \
      redo !reopenCase new canceled canceled !resumeCase canceled !addInstance
    running redo: !complete !skip !cancel !suspend !resume ready | \
      redo !reopenCase ready redo redo !resumeCase redo !addInstance
    suspended ready: !completeInCase !skipInCase canceled suspended !resume !redoReady | \
      !redo !reopenCase !completeInCase canceled !suspendCase ready ready !addInstance
    suspended suspended: !completeInCase !skipInCase canceled !suspend !resumeInCase !redo | \
      !redo !reopenCase !completeInCase canceled !suspendCase ready suspended !addInstance
    suspended completed: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo !reopenCase !completeInCase completed !suspendCase completed completed !addInstance
    suspended skipped: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo !reopenCase !completeInCase skipped !suspendCase skipped skipped !addInstance
    suspended canceled: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo !reopenCase !completeInCase canceled !suspendCase canceled canceled !addInstance
    suspended redo: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo !reopenCase !completeInCase redo !suspendCase redo redo !addInstance
    completed ready: !completeInCase !skipInCase canceled suspended !resume !redoReady | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase ready !addInstance
    completed suspended: !completeInCase !skipInCase canceled !suspend !resumeInCase !redo | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase suspended !addInstance
    completed completed: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase completed !addInstance
    completed skipped: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase skipped !addInstance
    completed canceled: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase canceled !addInstance
    completed redo: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase redo !addInstance
    canceled ready: !completeInCase !skipInCase canceled suspended !resume !redoReady | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase ready !addInstance
    canceled suspended: !completeInCase !skipInCase canceled !suspend !resumeInCase !redo | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase suspended !addInstance
    canceled completed: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase completed !addInstance
    canceled skipped: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase skipped !addInstance
    canceled canceled: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase canceled !addInstance
    canceled redo: !completeInCase !skipInCase !cancel !suspend !resume !redo | \
      !redo ready !completeInCase !cancelCase !suspendCase !resumeCase redo !addInstance
    """

  /// Where a workflow counts as Caluma does, the rows that differ.
  static let caluma = """
    suspended ready: !completeInCase !skipInCase canceled suspended !resume !redoReady | \
      redo !reopenCase !completeInCase canceled !suspendCase ready ready new
    suspended suspended: !completeInCase !skipInCase canceled !suspend ready ready | \
      redo !reopenCase !completeInCase canceled !suspendCase ready suspended !addInstance
    suspended completed: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo !reopenCase !completeInCase completed !suspendCase completed completed !addInstance
    suspended skipped: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo !reopenCase !completeInCase skipped !suspendCase skipped skipped !addInstance
    suspended canceled: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo !reopenCase !completeInCase canceled !suspendCase canceled canceled !addInstance
    suspended redo: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo !reopenCase !completeInCase redo !suspendCase redo redo !addInstance
    completed ready: !completeInCase !skipInCase canceled suspended !resume !redoReady | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase ready new
    completed suspended: !completeInCase !skipInCase canceled !suspend ready ready | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase suspended !addInstance
    completed completed: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase completed !addInstance
    completed skipped: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase skipped !addInstance
    completed canceled: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase canceled !addInstance
    completed redo: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase redo !addInstance
    canceled ready: !completeInCase !skipInCase canceled suspended !resume !redoReady | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase ready new
    canceled suspended: !completeInCase !skipInCase canceled !suspend ready ready | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase suspended !addInstance
    canceled completed: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase completed !addInstance
    canceled skipped: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase skipped !addInstance
    canceled canceled: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase canceled !addInstance
    canceled redo: !completeInCase !skipInCase !cancel !suspend !resume ready | \
      redo ready !completeInCase !cancelCase !suspendCase !resumeCase redo !addInstance
    """

  static func rows(_ table: String) -> [String: [String]] {
    var rows: [String: [String]] = [:]
    for line in table.split(separator: "\n") {
      let parts = line.split(separator: ":")
      rows[String(parts[0])] = parts[1].split(separator: " ").filter { $0 != "|" }.map(String.init)
    }
    return rows
  }

  /// Those of people's items.
  static let statuses = WorkItemStatus.allCases.filter { !$0.isAutomatic }

  @Test("every cell gives the new state or the exact message", arguments: [Compatibility.exact, .caluma])
  func cells(compatibility: Compatibility) {
    var rows = Self.rows(Self.exact)
    if compatibility == .caluma { rows.merge(Self.rows(Self.caluma)) { $1 } }
    #expect(rows.count == CaseStatus.allCases.count * Self.statuses.count)
    for found in CaseStatus.allCases {
      for item in Self.statuses {
        let row = rows["\(found) \(item)"] ?? []
        #expect(row.count == Operation.allCases.count)
        for (operation, cell) in zip(Operation.allCases, row) {
          let outcome = Self.outcome(operation, Self.bench(item, in: found, for: operation, compatibility))
          let expected = Self.messages[cell] ?? cell
          #expect(outcome == expected, "\(operation) of a \(item) item in a \(found) case")
        }
      }
    }
  }
}
