import Postgres

/// Something that holds of the stored rows, whatever happened, because every write goes through the engine under the
/// family's lock. Rows that break it were changed by other hands, or show a defect.
public struct Invariant: Sendable {
  /// Rows that break an invariant.
  public struct Breach: Sendable, Equatable {
    /// All of them.
    public let count: Int64
    /// The first ones: ids, or what else identifies them.
    public let subjects: [String]
  }

  /// Stable.
  public let code: String
  /// What holds, as a sentence.
  public let meaning: String
  /// Gives one text column: what breaks it.
  private let breaches: String

  /// How many subjects are named.
  public static let shown = 20

  /// - Returns: nil when it holds.
  public func check(in transaction: Transaction) async throws(PostgresError) -> Breach? {
    let rows = try await transaction.query(
      SQL(
        """
        with breach (subject) as (\(breaches))
        select (select count(*) from breach), array(select subject from breach order by subject limit \(Self.shown))
        """))
    let count = rows.int64(0, 0)
    return count == 0 ? nil : Breach(count: count, subjects: rows.textArray(0, 1))
  }

  public static let all: [Invariant] = [
    Invariant(
      code: "CASE_STATUS", meaning: "A case has one of the four statuses.",
      breaches: """
        select id::text from cases where status not in ('running', 'completed', 'canceled', 'suspended')
        """),
    Invariant(
      code: "WORK_ITEM_STATUS", meaning: "A work item has one of the ten statuses.",
      breaches: """
        select id::text from work_items
        where status not in ('ready', 'completed', 'canceled', 'skipped', 'suspended', 'redo', 'waiting', 'scheduled',
        'running', 'error')
        """),
    // A canceled sibling blocks a join for good where joins count as Caluma's; where an end is undone nothing is open.
    Invariant(
      code: "STUCK_CASE", meaning: "A running case has an open work item.",
      breaches: """
        select c.id::text from cases c where c.status = 'running'
        and not exists (select 1 from work_items i where i.case_id = c.id
        and i.status in ('ready', 'suspended', 'waiting', 'scheduled', 'running', 'error'))
        and not exists (select 1 from workflows w where w.slug = c.workflow and w.compatibility = 'caluma')
        and not exists (select 1 from work_items i where i.case_id = c.id and i.closed_reason = 'undone')
        """),
    Invariant(
      code: "OPEN_ITEM_OF_CLOSED_CASE", meaning: "A completed or canceled case has no open work item.",
      breaches: """
        select i.id::text from work_items i join cases c on c.id = i.case_id
        where i.status in ('ready', 'suspended', 'waiting', 'scheduled', 'running', 'error')
        and c.status in ('completed', 'canceled')
        """),
    Invariant(
      code: "CASE_CLOSING", meaning: "A case has a closing date exactly when it is completed or canceled.",
      breaches: """
        select id::text from cases where (closed_at is not null) <> (status in ('completed', 'canceled'))
        """),
    Invariant(
      code: "WORK_ITEM_CLOSING",
      meaning: "A work item has a closing date when it is closed, and none while it is open.",
      breaches: """
        select id::text from work_items
        where status in ('completed', 'skipped', 'canceled') and closed_at is null
        or status in ('ready', 'suspended') and closed_at is not null
        """),
    Invariant(
      code: "VERSION", meaning: "Versions of cases and work items count from 1.",
      breaches: """
        select id::text from cases where version < 1 union all select id::text from work_items where version < 1
        """),
    Invariant(
      code: "FAMILY", meaning: "A case belongs to a family whose root case is there, a work item to its case's family.",
      breaches: """
        select c.id::text from cases c
        where not exists (select 1 from cases r where r.id = c.family and r.family = r.id)
        union all
        select i.id::text from work_items i
        where not exists (select 1 from cases c where c.id = i.case_id and c.family = i.family)
        """),
    Invariant(
      code: "CHILD_CASE", meaning: "A child case has one parent work item, in the same family.",
      breaches: """
        select i.id::text from work_items i where i.child_case is not null
        and not exists (select 1 from cases c where c.id = i.child_case and c.family = i.family)
        union all
        select c.id::text from cases c
        where c.family <> c.id
        and not exists (select 1 from work_items i where i.child_case = c.id or i.id = c.parent_item)
        """),
    Invariant(
      code: "PREVIOUS_WORK_ITEM", meaning: "The item before a work item is there, in the same case.",
      breaches: """
        select i.id::text from work_items i where i.previous_work_item is not null
        and not exists (select 1 from work_items p where p.id = i.previous_work_item and p.case_id = i.case_id)
        """),
    Invariant(
      code: "DEFINITION", meaning: "The workflow of a case and the task of a work item are defined.",
      breaches: """
        select c.id::text from cases c where not exists (select 1 from workflows w where w.slug = c.workflow)
        union all
        select i.id::text from work_items i where not exists (select 1 from tasks t where t.slug = i.task)
        """),
    Invariant(
      code: "EVENT_LOG",
      meaning: "The event log of a family counts from 1 without gaps, and the family has its root case.",
      breaches: """
        select e.family::text
        from (select family, count(*) as events, min(seq) as first, max(seq) as last from events group by family) e
        left join cases c on c.id = e.family and c.family = c.id
        where c.id is null or e.first <> 1 or e.last <> e.events
        """),
    Invariant(
      code: "DEFINITION_LOG", meaning: "The log of the definitions has no gaps.",
      breaches: """
        select 'definition_events' from definition_events having count(*) <> max(seq) - min(seq) + 1
        """),
    Invariant(
      code: "REVISION", meaning: "There is one revision of the definitions.",
      breaches: "select 'definition_revision' from definition_revision having count(*) <> 1"),
  ]
}
