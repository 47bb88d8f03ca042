import Millrace

/// Which events a user may see: those of cases and work items that it may see.
enum EventVisibility {
  /// What an event's `data` may tell of: it is withheld from who may not see all of that.
  static let told: [StoredType] = [.case, .workItem, .task, .workflow]

  /// Conditions for rows of the log, `t`; none when all may be seen.
  static func conditions(_ context: APIContext, _ builder: inout StatementBuilder) -> [String] {
    var conditions: [String] = []
    if let shown = context.visibility.sql(.case, alias: "ec", &builder) {
      conditions.append("exists (select 1 from cases ec where ec.id = t.case_id and \(shown))")
    }
    if let shown = context.visibility.sql(.workItem, alias: "ew", &builder) {
      conditions.append(
        "(t.work_item is null or exists (select 1 from work_items ew where ew.id = t.work_item and \(shown)))")
    }
    return conditions
  }
}
