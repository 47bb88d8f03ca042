import Millrace

/// What of a log a user may see who may not see every row: entries about rows that are visible, numbered as if there
/// were no others, without mention of types that may be hidden.
struct TimelineVisibility: Sendable {
  /// What an entry is about: types and the columns with their keys.
  let subjects: [(type: StoredType, column: String)]
  /// Where an entry's data mentions rows of a type; nil when it is not known.
  let mentions: [StoredType: [String]]?

  static let caseEvent = TimelineVisibility(
    subjects: [(.case, "case_id"), (.workItem, "work_item")],
    mentions: [
      .case: [
        "case,family", "work_item,family", "work_item,case_id", "work_item,child_case", "parent,family",
        "parent,case_id", "parent,child_case",
      ],
      .workItem: [
        "parent", "items", "case,parent_item", "work_item,previous_work_item", "work_item,predecessors",
        "work_item,revived_from", "work_item,host",
      ],
      .workflow: ["case,workflow"],
      .task: ["work_item,task", "parent,task"],
    ])

  static let definitionEvent = TimelineVisibility(
    subjects: [(.workflow, "workflow"), (.task, "task")], mentions: nil)

  /// Whether the user sees the log as it is.
  func isFull(_ context: APIContext) -> Bool {
    context.visibility.showsEverything
  }

  /// - Parameter alias: of the log's table.
  func conditions(
    alias: String = "t", _ context: APIContext, _ builder: inout StatementBuilder
  ) -> [String] {
    subjects.compactMap { type, name in
      let column = "\(alias).\(name)"
      return FilterSet.isSeen(type, column, context, &builder).map { "(\(column) is null or \($0))" }
    }
  }

  /// How many entries of the case `t` the user may see.
  @Sendable
  static func seenEvents(_ context: APIContext, _ builder: inout StatementBuilder) -> String {
    let found = ["e.case_id = t.id"] + caseEvent.conditions(alias: "e", context, &builder)
    return "(select count(*)::integer from events e where \(found.joined(separator: " and ")))"
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
