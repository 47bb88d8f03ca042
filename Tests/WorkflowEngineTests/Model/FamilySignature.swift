import WorkflowEngine

/// What tells families apart for what can happen next: no ids, no times, no versions, no order of items.
///
/// Each item has six bits at the place of its task, group and round. Two things are left out that make no difference
/// either, which `ModelTests` shows by comparing what follows: whether an item that is done was completed or skipped,
/// and which of the items that opened a join was the last one.
struct FamilySignature: Hashable {
  private static let width = 6
  private static let statusPlace = 126
  private let bits: UInt128

  /// The places of the items of a workflow, under each of its symmetries.
  struct Places {
    /// How many items of one task and group there can be.
    let rounds: Int
    private let workflow: GeneratedWorkflow
    private let symmetries: [[Int]]
    /// The first place of a task, for each symmetry.
    private let first: [[Int]]

    init(_ workflow: GeneratedWorkflow, rounds: Int) {
      self.workflow = workflow
      self.rounds = rounds
      var place = 0
      var own: [Int] = []
      for task in 0..<workflow.taskCount {
        own.append(place)
        place += workflow.width(task) * rounds
      }
      precondition(place * FamilySignature.width <= FamilySignature.statusPlace, "too many items: \(workflow)")
      symmetries = workflow.symmetries
      first = symmetries.map { image in image.map { own[$0] } }
    }

    /// The least one that the workflow's symmetries give; nil for a family with more rounds than there are places for.
    func signature(_ state: FamilyState, symmetric: Bool = true) -> FamilySignature? {
      guard let codes = codes(state) else { return nil }
      var least = UInt128.max
      for first in first.prefix(symmetric ? first.count : 1) { least = min(least, bits(codes, first)) }
      let status: UInt128 =
        switch state.cases.first?.status {
        case .running: 0
        case .completed: 1
        case .suspended: 2
        case .canceled, nil: 3
        }
      return FamilySignature(bits: least | status << UInt128(FamilySignature.statusPlace))
    }

    /// The tasks of the family that differ: for each of the others there is one among these of which all that can be
    /// done comes to the same.
    func distinctTasks(_ state: FamilyState) -> Set<String> {
      guard let codes = codes(state) else { return [] }
      let asIs = bits(codes, first[0])
      var tasks = Set(0..<workflow.taskCount)
      for (image, first) in zip(symmetries, first).dropFirst() where bits(codes, first) == asIs {
        for task in image.indices where image[task] < task { tasks.remove(task) }
      }
      return Set(tasks.map(GeneratedWorkflow.slug))
    }

    /// What is to be known of each item, by task and group, in the order of their rounds.
    private func codes(_ state: FamilyState) -> [[UInt8]]? {
      var codes = [[UInt8]](repeating: [], count: workflow.taskCount * GeneratedWorkflow.groups.count)
      var ordinals: [EntityID: UInt8] = [:]
      for item in state.workItems {
        let row = Self.row(of: item)
        let ordinal = codes[row].count
        guard ordinal < rounds else { return nil }
        ordinals[item.id] = UInt8(ordinal)
        codes[row].append(Self.code(item, previous: item.previousWorkItem.flatMap { ordinals[$0] }))
      }
      return codes
    }

    private func bits(_ codes: [[UInt8]], _ first: [Int]) -> UInt128 {
      var bits: UInt128 = 0
      for task in 0..<workflow.taskCount {
        var place = first[task]
        // The two groups do not differ but for their names.
        let own = [codes[task * 2], codes[task * 2 + 1]].sorted { $1.lexicographicallyPrecedes($0) }
        for group in 0..<workflow.width(task) {
          for (round, code) in own[group].enumerated() {
            bits |= UInt128(code) << UInt128((place + round) * FamilySignature.width)
          }
          place += rounds
        }
      }
      return bits
    }

    private static func row(of item: WorkItem) -> Int {
      let task = Int(item.task.dropFirst()) ?? 0
      return task * 2 + (item.addressedGroups == ["y"] ? 1 : 0)
    }

    private static func code(_ item: WorkItem, previous: UInt8?) -> UInt8 {
      let status: UInt8 =
        switch item.status {
        case .ready: 1
        case .suspended: 2
        case .completed, .skipped: 3
        case .canceled: 4
        case .redo: 5
        default: 6
        }
      return status | (item.isJoined ? 8 : 0) | (previous.map { $0 + 1 } ?? 0) << 4
    }
  }
}
