import Testing

/// The numbers of Viewflow's behaviours that `ViewflowTests` does not show: where they are shown, or why they are not.
enum ViewflowCoverage {
  static let elsewhere: [Int: String] = [
    71: "who may see but not manage cannot cancel: NodeAPITests, and the rules of extensions: ExtensionTests",
    73: "a rule is of a task, so that of another workflow's task gives nothing: VF-11",
    75: "the lock is held until the commit: RaceTests",
    80: "a second command waits for the first one's commit: JoinRaceTests",
    81: "as VF-80",
    82: "an error of a handler's own statement takes back what it did: NodeAPITests",
    83: "there is one lock, the family's row; it cannot be chosen",
    84: "as VF-83",
    85: "as VF-83: every join is under the lock",
    90: "WorkListTests",
    91: "StatementCountTests",
    92: "there are no menus",
    93: "charts show only what may be seen: WorkListTests",
    94: "visibilities: ExtensionTests",
    95: "an item of another workflow is found by its id alone: there is no path through a flow",
    96: "bulk mutations ask for each item: NodeAPITests",
    100: "the family is locked at the start and at the end of a job only: FlowTests, a job runs after the commit",
    110: "FlowTests: a signal starts a flow once",
    111: "VF-130; other families: FlowTests, a signal, a message and a timer",
    112: "a signal that nobody waits for is no error: pattern 23",
    124: "FlowTests: a clock starts a case at once",
    155: "FlowTests: a snoozed item comes back by itself",
  ]
}

@Suite("The list of Viewflow's behaviours")
struct ViewflowCoverageTests {
  /// All numbers of the list.
  private static let all: Set<Int> = [
    Array(1...8), Array(10...18), Array(20...24), Array(30...36), Array(40...49), Array(50...53), Array(60...66), Array(70...75),
    Array(80...85), Array(90...96), Array(100...106), Array(110...112), Array(120...132), Array(140...147), Array(150...155),
  ].reduce(into: []) { $0.formUnion($1) }

  /// Shown by tests of `ViewflowTests`, whose names begin with their numbers.
  static let shown: Set<Int> = [
    1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 30, 31, 32, 33, 34, 35, 36, 40, 41, 42, 43, 44, 45,
    46, 47, 48, 49, 50, 51, 52, 53, 60, 61, 62, 63, 64, 65, 66, 70, 72, 74, 101, 102, 103, 104, 105, 106, 120, 121, 122, 123, 125, 126,
    127, 128, 129, 130, 131, 132, 140, 141, 142, 143, 144, 145, 146, 147, 150, 151, 152, 153, 154,
  ]

  @Test("every number is shown by a test, or listed with where and why")
  func complete() {
    #expect(Self.shown.isDisjoint(with: ViewflowCoverage.elsewhere.keys))
    #expect(Self.shown.union(ViewflowCoverage.elsewhere.keys) == Self.all)
  }
}
