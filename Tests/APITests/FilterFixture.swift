import Foundation
import GraphQL
import Postgres
import Testing

extension Fixture {
  /// Definitions, cases and work items whose every column is known. Cases are 1 to 4, work items 11 to 16.
  func fill() async throws {
    for slug in ["t1", "t2", "t3"] {
      try await task(slug, slug == "t2" ? ", description: \"Second step\", leadTime: 60, meta: \"{\\\"n\\\": 2}\"" : "")
    }
    try await data(
      "mutation { saveCompleteWorkflowFormTask(input: {slug: \"t4\", name: \"Form filling\", isArchived: "
        + "true}) { clientMutationId } }"
    )
    try await data(
      "mutation { saveSimpleTask(input: {slug: \"t1\", name: \"Eins\"}) { clientMutationId } }", language: "de")
    try await workflow(
      "w1", start: ["t1"], ", description: \"The red one\", isPublished: true, meta: \"{\\\"k\\\": \\\"red\\\"}\"")
    try await workflow("w2", start: ["t1"], ", isArchived: true, allowAllForms: true")
    try await flow("w1", ["t1"], "'t2'|task")
    try await flow("w1", ["t3", "t2"], "'t1'|task")
    for sql in Self.rows { try await database.transaction { _ = try await $0.query(sql) } }
  }

  private static let rows: [SQL] = [
    """
    insert into cases (id, family, workflow, status, meta, created_at, modified_at, created_by_user, created_by_group,
    modified_by_user, modified_by_group)
    select ('00000000-0000-7000-8000-0000000000' || lpad(c.id::text, 2, '0'))::uuid,
    ('00000000-0000-7000-8000-0000000000' || lpad(c.family::text, 2, '0'))::uuid, workflow, status, meta::jsonb,
    timestamptz '2020-01-01Z' + c.id * interval '1 day', timestamptz '2020-03-01Z' - c.id * interval '1 day',
    by, by || 's', by2, by2 || 's'
    from (values
    (1, 1, 'w1', 'running', '{"k": "red", "n": 5, "tags": ["a", "b"], "deep": {"x": 1}}', 'ann', 'bob'),
    (2, 1, 'w1', 'completed', '{"k": "Reddish", "n": 7, "deep": {"x": [1, 2]}}', 'bob', null),
    (3, 3, 'w2', 'suspended', '{"n": "5", "tags": ["b", "c"], "z": null}', null, 'bob'),
    (4, 4, 'w2', 'canceled', '{}', 'ann', 'ann')
    ) c (id, family, workflow, status, meta, by, by2)
    """,
    """
    insert into work_items (id, family, case_id, task, status, name, description, meta, addressed_groups,
    controlling_groups, assigned_users, deadline, closed_at, created_at, modified_at, created_by_user,
    created_by_group, modified_by_user, modified_by_group)
    select ('00000000-0000-7000-8000-0000000000' || c.id)::uuid,
    ('00000000-0000-7000-8000-0000000000' || lpad(c.family::text, 2, '0'))::uuid,
    ('00000000-0000-7000-8000-0000000000' || lpad(c.case_id::text, 2, '0'))::uuid, task, status,
    jsonb_build_object('en', name, 'de', 'x' || name), jsonb_build_object('en', 'd' || name), meta::jsonb,
    addressed::text[], controlling::text[], assigned::text[], deadline::timestamptz, closed::timestamptz,
    timestamptz '2020-01-01Z' + c.id * interval '1 day', timestamptz '2020-03-01Z' - c.id * interval '1 day',
    by, by || 's', by2, by2 || 's'
    from (values
    (11, 1, 1, 't1', 'ready', 'One', '{"a": 1}', '{g1,g2}', '{c1}', '{u1}', '2020-03-01Z', null, 'ann', 'bob'),
    (12, 1, 1, 't2', 'completed', 'Two', '{"a": 2, "b": null}', '{g2}', '{}', '{u2,u3}', null, '2020-02-01Z', 'bob', null),
    (13, 1, 2, 't1', 'skipped', 'One', '{"a": "1"}', '{}', '{c1,c2}', '{}', '2020-03-02Z', '2020-02-03Z', null, 'bob'),
    (14, 3, 3, 't3', 'suspended', 'Three', '{"a": [1, 2], "c": "50%_x"}', '{g3}', '{}', '{}', null, null, 'ann', 'ann'),
    (15, 3, 3, 't3', 'canceled', 'Four', '{}', '{}', '{}', '{u1}', '2020-02-20Z', '2020-02-02Z', null, null),
    (16, 4, 4, 't2', 'redo', 'Two', '{"a": {"b": {"c": true}}}', '{g1}', '{}', '{}', null, null, 'bob', 'ann')
    ) c (id, family, case_id, task, status, name, meta, addressed, controlling, assigned, deadline, closed, by, by2)
    """,
  ]

  /// The last two digits of the ids that a list gives.
  func numbers(_ field: String, _ arguments: String) async throws -> [Int] {
    let found = try await data("{ \(field)(\(arguments)) { edges { node { id } } } }")
    return (found["edges"]?.list ?? []).compactMap { edge in
      edge["node"]?["id"]?.string.flatMap(Self.key).flatMap { Int($0.suffix(2)) }
    }
  }

  /// The slugs that a list gives.
  func slugs(_ field: String, _ arguments: String) async throws -> [String] {
    let found = try await data("{ \(field)(\(arguments)) { edges { node { slug } } } }")
    return (found["edges"]?.list ?? []).compactMap { $0["node"]?["slug"]?.string }
  }

  static func key(_ globalID: String) -> String? {
    Data(base64Encoded: globalID).map { String(decoding: $0, as: UTF8.self) }
  }
}
