/// How joins count.
public enum Compatibility: String, Sendable, CaseIterable {
  /// A join counts the items of its own round of a loop, opens past canceled siblings as long as one sibling is
  /// done, and waits for suspended ones. A suspended item holds its case open.
  case exact
  /// As Caluma does without its races: every item that was ever done counts, a canceled sibling blocks for
  /// good, and a suspended item neither holds its case open nor its task.
  case caluma
}
