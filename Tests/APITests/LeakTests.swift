import API
import Foundation
import Millrace
import TestSupport
import Testing

/// What a user may not see has no influence on what the user gets.
///
/// Every document that the schema allows is asked twice: with all rows, and once the hidden rows are gone and whatever
/// pointed to them points to something else. The answers have to be the same to the byte: rows, ids, counts, cursors,
/// orders and errors.
@Suite("Leaks")
struct LeakTests {
  private enum Ours: MillraceModule {
    static let name = "ours"
    static func extend(_ extensions: inout ExtensionRegistry) {
      extensions.visibility(.node, in: "Ours") { .column(.createdByGroup, isIn: $0.groups) }
      extensions.visibility(.workItem, in: "OursInOurCases") { _ in .isVisible(.case) }
      extensions.visibility(.node, in: "Nothing") { _ in .none }
      extensions.visibility(.case, in: "OurCases") { .column(.createdByGroup, isIn: $0.groups) }
      extensions.visibility(.task, in: "OurTasks") { .column(.createdByGroup, isIn: $0.groups) }
    }
  }

  private static let user = User(name: "half", groups: ["ours"])

  struct Rule: Sendable, CustomTestStringConvertible {
    let classes: [String]
    /// Which rows of `t` are visible by it: of any table, and of `work_items`.
    let rows: String
    let workItems: String
    /// The tables that have hidden rows; nil when all have.
    var tables: [String]?
    var testDescription: String { classes.joined(separator: " and ") }
  }

  static let rules = [
    Rule(classes: ["Nothing"], rows: "false", workItems: "false"),
    Rule(classes: ["Ours"], rows: "t.created_by_group = 'ours'", workItems: "t.created_by_group = 'ours'"),
    Rule(
      classes: ["Ours", "OursInOurCases"], rows: "t.created_by_group = 'ours'",
      workItems:
        "t.created_by_group = 'ours' and exists (select 1 from cases c where c.id = t.case_id and c.created_by_group = 'ours')"
    ),
    Rule(
      classes: ["OurCases", "OurTasks"], rows: "t.created_by_group = 'ours'", workItems: "true",
      tables: ["cases", "tasks"]),
  ]

  @Test("hidden rows have no influence on any answer", arguments: rules)
  func noninterference(rule: Rule) async throws {
    try await Self.withWorld(rule) { admin, api in
      let queries = try await SchemaQueries.of(admin)
      let values = try await Self.values(admin)
      let documents = queries.documents { values[$0] ?? [] } + Self.nodes(values)
      #expect(documents.count > 1_000)
      let before = await Self.answers(api, documents)
      #expect(!before.contains { $0.contains("INTERNAL_ERROR") })
      try await Self.forget(rule, admin)
      let after = await Self.answers(api, documents)
      var differences = 0
      for (number, document) in documents.enumerated() where before[number] != after[number] {
        differences += 1
        if differences <= 5 {
          Issue.record("\(document.prefix(300))\n\(Self.difference(before[number], after[number]))")
        }
      }
      #expect(differences == 0)
    }
  }

  @Test("the events that a subscriber gets are the same with hidden rows and without", arguments: rules)
  func subscriptions(rule: Rule) async throws {
    try await Self.withWorld(rule) { admin, api in
      let selection = try await SchemaQueries.of(admin).selection("CaseEvent", depth: 1)
      let cases = try await Self.column("select id::text from cases order by created_at, id", admin)
      func streams() async throws -> [String] {
        var answers: [String] = []
        for key in cases {
          for family in ["true", "false"] {
            let count = try await api.ask(
              "{ caseTimeline(id: \"\(key)\", family: \(family)) { totalCount } }", as: Self.user)
            answers += await api.responses(
              "subscription { caseEvents(case: \"\(key)\", family: \(family)) \(selection) }",
              first: max(1, count["caseTimeline"]?["totalCount"]?.number ?? 0), as: Self.user)
          }
        }
        return answers
      }
      let before = try await streams()
      try await Self.forget(rule, admin)
      let after = try await streams()
      #expect(before == after)
      #expect(before.count >= cases.count)
    }
  }

  @Test("a mutation tells a hidden object from none by nothing, and changes neither", arguments: rules)
  func mutations(rule: Rule) async throws {
    try await Self.withWorld(rule) { admin, api in
      let queries = try await SchemaQueries.of(admin)
      let hidden = try await Self.keys(admin, rule, isVisible: false)
      let visible = try await Self.keys(admin, rule, isVisible: true)
      let state = try await Self.fingerprint(admin)
      var tried = 0
      for mutation in queries.types["Mutation"]?.fields ?? [] {
        for place in queries.references(of: mutation) {
          for (key, unknown) in hidden {
            let asked = Self.mutation(mutation, queries, place, key, visible)
            let control = Self.mutation(mutation, queries, place, unknown, visible)
            let (answer, expected) = (await api.text(asked, as: Self.user), await api.text(control, as: Self.user))
            #expect(
              answer.replacingOccurrences(of: key, with: "KEY")
                == expected.replacingOccurrences(of: unknown, with: "KEY"),
              "\(asked)")
            #expect(answer.contains("\"errors\""), "\(asked)\n\(answer)")
            tried += 1
          }
        }
      }
      #expect(tried > 100)
      let now = try await Self.fingerprint(admin)
      #expect(now == state)
    }
  }

  @Test("a refused undo tells neither the task nor the id of what followed", arguments: rules)
  func undo(rule: Rule) async throws {
    try await ServiceFixture.with { admin in
      try await admin.define()
      let started = try await admin.start()
      try await admin.ask("mutation { completeWorkItem(input: {id: \"\(started.item)\"}) { clientMutationId } }")
      let isFirst = "previous_work_item is null"
      try await admin.write(
        SQL("update work_items set created_by_group = case when \(isFirst) then 'ours' else 'theirs' end"))
      try await admin.write("update cases set created_by_group = 'ours'")
      var selection = ExtensionSelection()
      selection.visibilities = rule.classes
      let api = ServiceFixture(
        database: admin.database, service: try ServiceFixture.service(admin.database, [Ours.self], selection))
      let follower = try await Self.column(
        "select unnest(array[id::text, task]) from work_items where not \(isFirst)", admin)
      #expect(!follower.isEmpty)
      let answers = [
        await api.text(
          "{ node(id: \"\(started.item)\") { ... on WorkItem { undoPlan availableTransitions { name reason } } } }",
          as: Self.user),
        await api.text(
          "mutation { undoWorkItem(input: {id: \"\(started.item)\"}) { clientMutationId } }", as: Self.user),
      ]
      if rule.classes != ["Nothing"] { #expect(answers.allSatisfy { $0.contains("What followed has to be undone") }) }
      for word in follower { #expect(!answers.contains { $0.contains(word) }, "\(word) in \(answers)") }
    }
  }

  // MARK: The world

  /// A database in which every second row of every type is ours, in all combinations, and the API for two users.
  private static func withWorld(
    _ rule: Rule, _ body: @escaping @Sendable (_ admin: ServiceFixture, _ api: ServiceFixture) async throws -> Void
  ) async throws {
    try await ServiceFixture.with { admin in
      try await build(admin)
      var selection = ExtensionSelection()
      selection.visibilities = rule.classes
      let api = ServiceFixture(
        database: admin.database, service: try ServiceFixture.service(admin.database, [Ours.self], selection))
      try await body(admin, api)
    }
  }

  private static func build(_ api: ServiceFixture) async throws {
    try await api.define()
    try await api.ask(
      "mutation { saveWorkflow(input: {slug: \"other\", name: \"Other\", startTasks: "
        + "[\"check\", \"draft\"]}) { clientMutationId } }"
    )
    try await api.ask(
      "mutation { addWorkflowFlow(input: {workflow: \"other\", tasks: [\"draft\"], next: "
        + "\"'review'|task\"}) { clientMutationId } }"
    )
    try await api.ask(
      "mutation { addWorkflowFlow(input: {workflow: \"other\", tasks: [\"check\"], next: "
        + "\"'send'|task\"}) { clientMutationId } }"
    )
    for level in 1...4 {
      let meta = ", meta: \"{\\\"level\\\": \(level), \\\"kind\\\": \\\"k\(level)\\\"}\""
      let first = try await api.start(meta, as: User(name: "user\(level)", groups: ["admins"]))
      let child = try await api.start(", parentWorkItem: \"\(first.item)\"")
      try await api.ask("mutation { completeWorkItem(input: {id: \"\(child.item)\"}) { clientMutationId } }")
      try await api.ask(
        "mutation { startCase(input: {workflow: \"other\"}) { case { id } } }")
    }
    try await addNodes(api)
    try await addHooks(api)
    try await addJobs(api)
    // Rows of a kind alternate in different rhythms, so that every combination of visible and hidden occurs.
    for (table, key, rhythm) in [
      ("hooks", "id", "n % 3 <> 0"),
      ("tasks", "slug", "n % 2 = 0"), ("workflows", "slug", "n % 2 = 0"), ("flows", "id", "n % 2 = 1"),
      ("cases", "id", "n % 3 <> 1"), ("work_items", "id", "n % 5 in (0, 1, 3)"),
    ] {
      try await api.write(
        SQL(
          """
          update \(table) t set created_by_group = case when \(rhythm) then 'ours' else 'theirs' end,
          created_by_user = 'user' || (n % 4)
          from (select \(key), row_number() over (order by created_at, \(key)) as n from \(table)) numbered
          where numbered.\(key) = t.\(key)
          """))
    }
    try await api.write(
      """
      update work_items t set meta = jsonb_build_object('level', n % 5, 'kind', 'k' || n % 3),
      addressed_groups = array['g' || n % 3], assigned_users = array['user' || n % 4],
      deadline = t.created_at + n * interval '1 hour'
      from (select id, row_number() over (order by created_at, id) as n from work_items) numbered
      where numbered.id = t.id
      """)
  }

  /// Cases of typed nodes, whose items have predecessors, hosts, child cases and items that they were revived from; and
  /// published versions, to which every case keeps.
  private static func addNodes(_ api: ServiceFixture) async throws {
    for (slug, type, more) in [
      ("fork", "SPLIT", "edges: [{target: \"left\"}, {target: \"right\"}]"),
      (
        "left", "SIMPLE",
        "edges: [{target: \"meet\"}], boundaries: [{kind: TIMER, delay: \"3600\", isInterrupting: false, target: \"late\"}]"
      ),
      ("right", "SIMPLE", "edges: [{target: \"meet\"}]"), ("late", "SIMPLE", ""),
      ("meet", "JOIN", "edges: [{target: \"inner\"}]"),
      ("inner", "SUBPROCESS", "subprocess: {workflow: \"order\"}, edges: [{target: \"close\"}]"), ("close", "SIMPLE", ""),
    ] {
      try await api.ask(
        "mutation { saveNodeTask(input: {slug: \"\(slug)\", name: \"\(slug)\", type: \(type), \(more)}) { clientMutationId } }")
    }
    try await api.ask(
      "mutation { saveWorkflow(input: {slug: \"nodes\", name: \"Nodes\", startTasks: [\"fork\"]}) { clientMutationId } }")
    for number in [0, 1, 2] {
      try await api.ask("mutation { startCase(input: {workflow: \"nodes\"}) { clientMutationId } }")
      func item(_ task: String) async throws -> String {
        try await column(
          "select id::text from work_items where task = '\(task)' and status = 'ready' order by created_at desc, id desc limit 1", api)
          .first ?? ""
      }
      func run(_ mutation: String, _ task: String) async throws {
        try await api.ask("mutation { \(mutation)(input: {id: \"\(try await item(task))\"}) { clientMutationId } }")
      }
      if number > 0 { try await run("prepareWorkItem", "left") }
      if number > 1 {
        let right = try await item("right")
        try await run("cancelWorkItem", "right")
        try await api.ask("mutation { reviveWorkItem(input: {id: \"\(right)\"}) { clientMutationId } }")
      }
      if number != 1 { try await run("completeWorkItem", "left") }
      try await run("completeWorkItem", "right")
    }
    for slug in ["order", "other", "nodes"] {
      try await api.ask("mutation { publishWorkflow(input: {workflow: \"\(slug)\"}) { number } }")
    }
    try await api.write("update cases set workflow_version = 1")
  }

  /// Hooks about everything and about one thing of each kind, and what each was told of every item.
  private static func addHooks(_ api: ServiceFixture) async throws {
    try await api.write(
      """
      insert into hooks (id, name, trigger, event, moment, workflow, task, case_id, source, destination, action, url, on_error,
      created_at, modified_at)
      select gen_random_uuid(), 'hook' || row_number() over (), 'event', 'post_complete_work_item', 'after', workflow, task, case_id,
      source, destination, 'webhook', 'https://hooks.example/' || row_number() over (), 'retry', now() + n * interval '1 second', now()
      from generate_series(1, 3) n, lateral (
        select null as workflow, null as task, null::uuid as case_id, null as source, null as destination
        union all select slug, null, null, null, null from workflows
        union all select null, slug, null, null, null from tasks
        union all select null, null, id, null, null from (select id from cases order by created_at limit 4) c
        union all select null, null, null, slug, 'send' from tasks
      ) scopes
      """)
    try await api.write(
      """
      insert into hook_deliveries (id, hook, family, seq, event, case_id, work_item, payload, is_ordered, depth, status, due_at, created_at)
      select gen_random_uuid(), h.id, i.family, row_number() over (), 'post_complete_work_item', i.case_id,
      case when row_number() over () % 4 > 0 then i.id end, jsonb_build_object('task', i.task), false, 0,
      case when row_number() over () % 3 = 0 then 'dead' else 'delivered' end, now(), i.created_at + h.version * interval '1 second'
      from hooks h join lateral (select * from work_items order by md5(id::text || h.id::text) limit 3) i on true
      """)
  }

  /// Jobs, timers and incidents of every item, and of cases alone; some of them are being carried out.
  private static func addJobs(_ api: ServiceFixture) async throws {
    try await api.write(
      """
      insert into scheduled_work (id, kind, handler, work_item, case_id, family, payload, priority, state, attempts, max_attempts,
      due_at, worker, error_code, last_error, created_at, failed_at)
      select gen_random_uuid(), case when n % 5 = 0 then 'timer' else 'job' end, 'handler' || n % 3,
      case when n % 4 > 0 then id end, case_id, family, jsonb_build_object('task', task), n % 3 - 1,
      case when n % 2 = 0 then 'dead' else 'pending' end, n % 6, 6, now() + n * interval '1 day',
      case when n % 7 = 1 then 'worker' || n % 2 end, case when n % 2 = 0 then 'code' || n % 3 end,
      case when n % 2 = 0 then 'no ' || task end, created_at + n * interval '1 second',
      case when n % 2 = 0 then created_at + n * interval '1 minute' end
      from (select *, row_number() over (order by md5(id::text)) as n from work_items) numbered
      """)
  }

  private static let kinds: [(name: String, table: String, key: String)] = [
    ("Workflow", "workflows", "slug"), ("SimpleTask", "tasks", "slug"), ("Flow", "flows", "id"),
    ("Case", "cases", "id"), ("WorkItem", "work_items", "id"), ("Job", "scheduled_work", "id"), ("Hook", "hooks", "id"),
    ("HookDelivery", "hook_deliveries", "id"),
  ]

  /// The condition by which a row of `alias` is visible.
  private static func visible(_ table: String, _ rule: Rule, _ alias: String = "t") -> String {
    func isSeen(_ column: String, _ type: String, _ key: String) -> String {
      let other = "\(alias)_\(column)"
      return
        "(\(alias).\(column) is null or exists (select 1 from \(type) \(other) where \(other).\(key) = \(alias).\(column) and \(visible(type, rule, other))))"
    }
    let isDependent = ["hooks", "scheduled_work", "hook_deliveries"].contains(table)
    if let tables = rule.tables, !tables.contains(table), !isDependent { return "true" }
    let rows = rule.tables != nil && isDependent ? "true" : table == "work_items" ? rule.workItems : rule.rows
    let own = rows.replacing("t.", with: "\(alias).")
    switch table {
    // Hooks are for those who may see all that they are about; deliveries and jobs have no rules of their own.
    case "hooks":
      return
        "(\(own) and \(isSeen("workflow", "workflows", "slug")) and \(isSeen("task", "tasks", "slug")) and \(isSeen("case_id", "cases", "id")) and \(isSeen("source", "tasks", "slug")) and \(isSeen("destination", "tasks", "slug")))"
    case "scheduled_work":
      return "(\(isSeen("case_id", "cases", "id")) and \(isSeen("work_item", "work_items", "id")))"
    case "hook_deliveries":
      return
        "(\(isSeen("hook", "hooks", "id")) and \(isSeen("case_id", "cases", "id")) and \(isSeen("work_item", "work_items", "id")))"
    default: return "(\(own))"
    }
  }

  /// Takes the hidden rows away, and lets whatever named them name something that does not exist.
  private static func forget(_ rule: Rule, _ api: ServiceFixture) async throws {
    try await api.write("create table forgotten (type text, key text)")
    for kind in kinds {
      try await api.write(
        SQL(
          "insert into forgotten select '\(kind.table)', t.\(kind.key)::text from \(kind.table) t where (\(visible(kind.table, rule))) is not true"
        ))
    }
    func isForgotten(_ table: String, _ column: String) -> String {
      "exists (select 1 from forgotten f where f.type = '\(table)' and f.key = \(column)::text)"
    }
    try await api.write(
      SQL(
        "delete from events t where \(isForgotten("cases", "t.case_id")) or t.work_item is not null and \(isForgotten("work_items", "t.work_item"))"
      ))
    try await api.write(
      SQL(
        "delete from definition_events t where \(isForgotten("workflows", "t.workflow")) or \(isForgotten("tasks", "t.task"))"
      ))
    // A visible flow of a hidden workflow stays.
    try await api.write("alter table flows drop constraint flows_workflow_fkey")
    try await api.write("alter table task_flows drop constraint task_flows_workflow_fkey")
    for kind in kinds.reversed() {
      try await api.write(SQL("delete from \(kind.table) t where \(isForgotten(kind.table, "t.\(kind.key)"))"))
    }
    // The numbers of what is left tell how much there was.
    try await api.write("update events set seq = seq * 7 + 100000")
    try await api.write("update definition_events set seq = seq * 7 + 100000")
    try await api.write("update hook_deliveries set seq = seq * 7 + 100000")
    for (table, column, target) in [
      ("cases", "workflow", "workflows"), ("flows", "workflow", "workflows"), ("task_flows", "workflow", "workflows"),
      ("cases", "family", "cases"), ("work_items", "task", "tasks"),
      ("work_items", "case_id", "cases"), ("work_items", "family", "cases"), ("work_items", "child_case", "cases"),
      ("work_items", "previous_work_item", "work_items"), ("events", "family", "cases"), ("events", "task", "tasks"),
      ("hook_deliveries", "family", "cases"), ("scheduled_work", "family", "cases"),
      ("cases", "parent_item", "work_items"), ("work_items", "host", "work_items"),
      ("work_items", "revived_from", "work_items"),
    ] {
      let isSlug = column == "task" || column == "workflow"
      let other = isSlug ? "'gone-' || md5(t.\(column))" : "md5(t.\(column)::text)::uuid"
      try await api.write(SQL("update \(table) t set \(column) = \(other) where \(isForgotten(target, "t.\(column)"))"))
    }
    try await api.write(
      SQL(
        "update work_items t set predecessors = (select array_agg(case when \(isForgotten("work_items", "u")) then md5(u::text)::uuid else u end) from unnest(predecessors) u) where predecessors is not null"))
    try await forgetMentions(api)
  }

  /// What the logs and the published versions of visible rows say about hidden ones.
  private static func forgetMentions(_ api: ServiceFixture) async throws {
    try await api.write(
      """
      do $$ declare f record; begin
        for f in select * from forgotten where type in ('cases', 'work_items') loop
          update events set data = replace(data::text, f.key, md5(f.key)::uuid::text)::jsonb where data::text like '%' || f.key || '%';
        end loop;
        for f in select * from forgotten where type in ('tasks', 'workflows') loop
          update events set data = replace(data::text, format('"%s": "%s"', rtrim(f.type, 's'), f.key), format('"%s": "gone-%s"', rtrim(f.type, 's'), md5(f.key)))::jsonb;
        end loop;
      end $$
      """)
    for (member, table, key) in [("tasks", "tasks", "e -> 'slug' #>> '{}'"), ("flows", "flows", "e -> 'id' #>> '{}'"), ("startTasks", "tasks", "e #>> '{}'")] {
      try await api.write(
        SQL(
          """
          update workflow_versions set graph = graph || jsonb_build_object('\(member)', (select coalesce(jsonb_agg(e order by n), '[]')
          from jsonb_array_elements(graph -> '\(member)') with ordinality x (e, n)
          where not exists (select 1 from forgotten f where f.type = '\(table)' and f.key = (\(key)))))
          """))
    }
  }

  // MARK: Values

  /// Literals by type of argument, of all rows, also the hidden ones.
  private static func values(_ api: ServiceFixture) async throws -> [String: [String]] {
    var keys: [String] = []
    var global: [String] = []
    for kind in kinds {
      for key in try await column("select \(kind.key)::text from \(kind.table) order by created_at", api) {
        keys.append("\"\(key)\"")
        global.append("\"\(Data("\(kind.name):\(key)".utf8).base64EncodedString())\"")
      }
    }
    let times = try await column(
      "select to_char(min(created_at) at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from cases group by id",
      api)
    let slugs = ["draft", "review", "check", "send", "order", "other", "nodes", "left"]
    return [
      "ID": keys.shuffledEvenly(to: 16) + ["\"order\"", "\"nodes\""] + global.shuffledEvenly(to: 4),
      "GlobalID": global,
      "String":
        (slugs + (0...3).map { "user\($0)" } + [
          "ours", "theirs", "g0", "g1", "level", "kind", "Order", "handler1", "hook1", "hook2",
          "https://hooks.example/1",
        ]).map { "\"\($0)\"" },
      "DateTime": times.prefix(4).map { "\"\($0)\"" }, "Boolean": ["true", "false"],
      "Meta": ["1", "2", "\"k1\"", "\"k2\""], "JSONString": ["\"{}\""], "Int": ["1", "2"], "GenericScalar": ["1"],
    ]
  }

  private static func nodes(_ values: [String: [String]]) -> [String] {
    (values["GlobalID"] ?? []).map { "{ node(id: \($0)) { __typename id ... on Case { status } } }" }
  }

  private static func column(_ sql: String, _ api: ServiceFixture) async throws -> [String] {
    let rows = try await api.database.query(SQL(sql))
    return (0..<rows.count).map { rows.text($0, 0) }
  }

  /// Keys of each type, each with one that no row has.
  private static func keys(
    _ api: ServiceFixture, _ rule: Rule, isVisible: Bool
  ) async throws -> [(key: String, unknown: String)] {
    var result: [(String, String)] = []
    for kind in kinds {
      let condition = isVisible ? visible(kind.table, rule) : "(\(visible(kind.table, rule))) is not true"
      for key in try await column(
        "select t.\(kind.key)::text from \(kind.table) t where \(condition) order by created_at limit 2", api)
      {
        result.append((key, kind.key == "slug" ? "unknown" : "00000000-0000-7000-8000-000000000000"))
      }
    }
    return result
  }

  /// A mutation that names `key` in one place of its input, and visible or made up things in all others it needs.
  private static func mutation(
    _ field: SchemaQueries.Field, _ queries: SchemaQueries, _ place: SchemaQueries.Input, _ key: String,
    _ visible: [(key: String, unknown: String)]
  ) -> String {
    var parts = ["\(place.name): \(place.type.isList ? "[\"\(key)\"]" : "\"\(key)\"")"]
    for input in queries.inputs(of: field) where input.type.isRequired && input.name != place.name {
      let ids = visible.map(\.key)
      let other = input.name == "workflow" ? ids.first : input.name.contains("ask") ? ids.dropFirst(1).first : ids.last
      let text: String
      switch input.type.name {
      case "ID": text = "\"\(other ?? "nobody")\""
      case "FlowJexl": text = "\"'\(other ?? "nobody")'|task\""
      case "String": text = "\"new\""
      case "DateTime": text = "\"2100-01-01T00:00:00Z\""
      default: text = "1"
      }
      parts.append("\(input.name): \(input.type.isList ? "[\(text)]" : text)")
    }
    return "mutation { \(field.name)(input: {\(parts.joined(separator: ", "))}) { clientMutationId } }"
  }

  private static func fingerprint(_ api: ServiceFixture) async throws -> String {
    var parts: [String] = []
    for table in ["workflows", "tasks", "flows", "cases", "work_items", "events"] {
      parts += try await column(
        "select md5(coalesce(string_agg(t::text, ';' order by t::text), '')) from \(table) t", api)
    }
    return parts.joined(separator: " ")
  }

  // MARK: Answers

  private static func answers(_ api: ServiceFixture, _ documents: [String]) async -> [String] {
    var answers: [String] = []
    for document in documents { answers.append(await api.text(document, as: user)) }
    return answers
  }

  /// Where two answers begin to differ.
  private static func difference(_ first: String, _ second: String) -> String {
    let common = zip(first, second).prefix { $0 == $1 }.count
    let start = max(0, common - 120)
    func part(_ text: String) -> String { String(text.dropFirst(start).prefix(320)) }
    return "with all rows: …\(part(first))\nwithout:       …\(part(second))"
  }
}

extension [String] {
  /// Some of the elements, from all over the list.
  fileprivate func shuffledEvenly(to count: Int) -> [String] {
    stride(from: 0, to: self.count, by: Swift.max(1, self.count / count)).map { self[$0] }
  }
}
