import Postgres
import WorkflowEngine

/// Compares stored rows with what the event log tells they are.
public enum FoldCheck {
  public struct Outcome: Sendable, Equatable {
    /// Families that were compared.
    public var families: Int64 = 0
    /// Families whose log begins before events carried rows.
    public var unknown: Int64 = 0
    /// Families that differ, all of them.
    public var count: Int64 = 0
    /// The first rows that differ, with what does.
    public var subjects: [String] = []
  }

  private static let page: SQL = """
    select id from cases where family = id and id > $1 order by id limit 200
    """

  /// - Parameter transaction: one that sees a single moment.
  public static func run(in transaction: Transaction) async throws(PostgresError) -> Outcome {
    var outcome = Outcome()
    var last = EntityID(high: 0, low: 0)
    while true {
      var key = Parameters()
      key.append(last.uuid)
      let rows = try await transaction.query(page, key)
      guard rows.count > 0 else { return outcome }
      for row in 0..<rows.count {
        last = EntityID(rows.uuid(row, 0))
        let stored = try await FamilyStore.read(family: last, in: transaction)
        let events = try await EventLog.read(last, in: transaction)
        compare(stored, events, &outcome)
      }
    }
  }

  private static func compare(_ stored: FamilyState, _ events: [Event], _ outcome: inout Outcome) {
    guard events.first(where: { $0.name == .postCreateCase })?.row != nil else {
      outcome.unknown += 1
      return
    }
    outcome.families += 1
    let told = FamilyState(folding: events)
    guard told != stored else { return }
    outcome.count += 1
    if outcome.subjects.count < Invariant.shown { outcome.subjects.append(difference(stored, told)) }
  }

  /// The first row that differs.
  private static func difference(_ stored: FamilyState, _ told: FamilyState) -> String {
    for row in stored.cases where told.case(row.id) != row {
      guard let other = told.case(row.id) else { return "\(row.id): not in the log" }
      return
        "\(row.id): \(row.status.rawValue), version \(row.version); "
          + "in the log \(other.status.rawValue), version \(other.version)"
    }
    for row in stored.workItems where told.workItem(row.id) != row {
      guard let other = told.workItem(row.id) else { return "\(row.id): not in the log" }
      return
        "\(row.id): \(row.status.rawValue), version \(row.version); "
          + "in the log \(other.status.rawValue), version \(other.version)"
    }
    let missing =
      told.cases.map(\.id).first { stored.case($0) == nil }
      ?? told.workItems.map(\.id).first { stored.workItem($0) == nil }
    return missing.map { "\($0): in the log only" } ?? "\(stored.family.map { "\($0)" } ?? ""): in another order"
  }
}
