import Millrace

/// What of a log a user may see who may not see every row: entries about rows that are visible, numbered as if there
/// were no others, without mention of types that may be hidden.
struct TimelineVisibility: Sendable {
  /// What an entry is about: types and the columns with their keys.
  let subjects: [(type: StoredType, column: String)]
  /// Where an entry's data mentions rows of a type; nil when it is not known.
  let mentions: [StoredType: [String]]?

  static let caseEvent = TimelineVisibility(
    subjects: [(.case, "t.case_id"), (.workItem, "t.work_item")],
    mentions: [
      .case: ["case,family", "work_item,family", "work_item,case_id", "work_item,child_case"],
      .workItem: ["parent", "items", "work_item,previous_work_item"],
      .workflow: ["case,workflow"],
      .task: ["work_item,task"],
    ])

  static let definitionEvent = TimelineVisibility(
    subjects: [(.workflow, "t.workflow"), (.task, "t.task")], mentions: nil)

  /// Whether the user sees the log as it is.
  func isFull(_ context: APIContext) -> Bool {
    context.visibility.showsEverything
  }

  func conditions(_ context: APIContext, _ builder: inout StatementBuilder) -> [String] {
    subjects.compactMap { type, column in
      FilterSet.isSeen(type, column, context, &builder).map { "(\(column) is null or \($0))" }
    }
  }

  /// The entries as rows of `t`, for select lists and orders that are written for the table.
  func rows(_ table: String, _ conditions: [String]) -> String {
    let found = conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and ")
    return "(select t.*, row_number() over (order by t.seq) as number from \(table) t\(found)) t"
  }

  /// The select list, with entries numbered anew and their data without what must not be known.
  func selectList(_ list: String, _ context: APIContext) -> String {
    let numbered = list.replacing("t.seq", with: "t.number")
    guard let mentions else { return numbered.replacing("t.data", with: "null::jsonb") }
    let paths = StoredType.allCases.filter(context.visibility.isRestricted).flatMap { mentions[$0] ?? [] }
    return numbered.replacing("t.data", with: "(t.data" + paths.map { " #- '{\($0)}'" }.joined() + ")")
  }
}
