import WorkflowEngine

/// Visits every state that operations on the items of one case can lead to.
///
/// States that differ by nothing that matters are one, see `FamilySignature`. That makes their number finite, but for
/// loops: those are walked until a third round begins.
struct ModelWalk {
  /// Two items of each task and group: a round, its return, and all that mixes up the two. A join or a redo that takes
  /// an item of the wrong round does so with two.
  static let rounds = 2
  /// One command in so many is carried out a second time.
  private static let repetition = 8
  private static let problemLimit = 5

  enum Move: UInt8, CaseIterable { case complete, skip, cancel, suspend, resume, redo }

  struct Family {
    var state: FamilyState
    var ids: CountingIDs
    /// How many commands there were: the time of the next one.
    var age: Int64
    /// The moves that led here, with the number of the item.
    var path: [(move: Move, item: UInt64)] = []
  }

  let workflow: GeneratedWorkflow
  let places: FamilySignature.Places
  private let definitions: Definitions
  private let evaluator: ModelEvaluator
  /// Families whose moves have not been made yet; shortest paths first, so that a problem shows with few commands.
  private var pending: [Family] = []
  private var visited = 0
  private var seen: Set<FamilySignature> = []
  /// As `seen`, without symmetries: what is in here needs no renaming.
  private var seenAsIs: Set<FamilySignature> = []
  private(set) var transitions = 0
  /// What should not be; the first ones.
  private(set) var problems: [String] = []

  init(_ workflow: GeneratedWorkflow) throws {
    self.workflow = workflow
    places = FamilySignature.Places(workflow, rounds: workflow.isLoop ? Self.rounds : 1)
    definitions = Bench(workflow).definitions
    evaluator = ModelEvaluator(workflow)
    pending.append(try first())
  }

  var stateCount: Int { seen.count }
  /// Whether every move of every state that was found has been made.
  var isExhaustive: Bool { visited == pending.count && problems.isEmpty }

  func first() throws -> Family {
    var family = Family(state: FamilyState(), ids: CountingIDs(), age: 0)
    try run(.startCase(StartCase(workflow: "main")), on: &family)
    return family
  }

  mutating func run() {
    while visited < pending.count, problems.count < Self.problemLimit {
      let family = pending[visited]
      // Rows take room: those of families that are done with are let go.
      pending[visited] = Family(state: FamilyState(), ids: family.ids, age: 0)
      visited += 1
      guard family.state.cases.first?.status == .running else { continue }
      let tasks = places.distinctTasks(family.state)
      for item in family.state.workItems where tasks.contains(item.task) {
        for move in Move.allCases {
          guard let after = make(move, item, on: family) else { continue }
          keep(after)
        }
      }
    }
  }

  /// The family after a move that is allowed; nil for any other.
  mutating func make(_ move: Move, _ item: WorkItem, on family: Family) -> Family? {
    guard let command = Self.command(move, item) else { return nil }
    transitions += 1
    var after = family
    let events: [Event]
    do throws(EngineError) {
      events = try run(command, on: &after)
    } catch {
      if move != .redo { report("\(move) is refused: \(error.message)", family) }
      return nil
    }
    after.path.append((move, item.id.low))
    check(after, was: family, after: move, events)
    if transitions % Self.repetition == 0 {
      var again = family
      let same = try? run(command, on: &again)
      if again.state != after.state || same != events { report("\(move) does not repeat", after) }
    }
    return after
  }

  private mutating func keep(_ family: Family) {
    guard let asIs = places.signature(family.state, symmetric: false) else {
      if !workflow.isLoop { report("a task was entered twice", family) }
      return
    }
    guard seenAsIs.insert(asIs).inserted, let signature = places.signature(family.state) else { return }
    if seen.insert(signature).inserted { pending.append(family) }
  }

  /// What has to hold after every command.
  private mutating func check(_ after: Family, was before: Family, after move: Move, _ events: [Event]) {
    let isOpen = after.state.workItems.contains { $0.status.isOpen }
    switch after.state.cases.first?.status {
    case .completed where isOpen: report("completed with open items", after)
    case .running where !isOpen && move != .cancel: report("stuck after \(move)", after)
    default: break
    }
    // The log tells what the rows are: what came before did, and these events tell what is new.
    if FamilyState(folding: events, onto: before.state) != after.state {
      report("the events of \(move) do not tell what the rows are", after)
    }
  }

  private mutating func report(_ problem: String, _ family: Family) {
    let items = family.state.workItems.map {
      "\($0.task)#\($0.id.low) \($0.status)\($0.isJoined ? " joined" : "") after \($0.previousWorkItem?.low ?? 0)"
    }
    let path = family.path.map { "\($0.move) \($0.item)" }
    problems.append("\(problem): \(workflow), \(path) gives \(items)")
  }

  static func command(_ move: Move, _ item: WorkItem) -> Command? {
    switch (move, item.status) {
    case (.complete, .ready): .completeWorkItem(item.id)
    case (.skip, .ready): .skipWorkItem(item.id)
    case (.cancel, .ready), (.cancel, .suspended): .cancelWorkItem(item.id)
    case (.suspend, .ready): .suspendWorkItem(item.id)
    case (.resume, .suspended): .resumeWorkItem(item.id)
    case (.redo, _) where item.status != .ready: .redoWorkItem(item.id)
    default: nil
    }
  }

  @discardableResult
  private func run(_ command: Command, on family: inout Family) throws(EngineError) -> [Event] {
    var execution = Execution(
      definitions: definitions, state: family.state, command: command, now: family.age, ids: family.ids,
      evaluator: evaluator)
    var events: [Event] = []
    while let step = try execution.next() {
      if case .emit(let event) = step { events.append(event) }
    }
    family.state = execution.state
    family.ids = execution.ids
    family.age += 1
    return events
  }
}
