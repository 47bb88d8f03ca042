import GraphQL

extension SchemaResolvers {
  /// What typed nodes add to cases and work items.
  static func nodes(_ schema: Schema) -> [String: FieldResolver] {
    let item = Entities.workItem
    func items(_ name: String, _ join: String) -> FieldResolver {
      .step(
        ListSource(
          item, schema: schema, name: name, key: item.known("key"), keyType: .uuid, join: join,
          order: "t.created_at, t.id"))
    }
    func artifacts(_ owner: Entity, _ table: String) -> FieldResolver {
      .step(
        ListSource(
          Entities.artifact, schema: schema, name: "artifacts", key: owner.known("key"), keyType: .uuid,
          join: """
            join \(table) o on o.id = p.key
            cross join lateral (select a ->> 'name' as name, a ->> 'type' as type, a ->> 'key' as key,
            a ->> 'url' as url, n
            from jsonb_array_elements(o.artifacts) with ordinality e (a, n)) t
            """,
          order: "t.n"))
    }
    func lookup(_ key: String, _ name: String) -> FieldResolver {
      .step(LookupSource(item, schema: schema, name: name, key: item.known(key)))
    }
    var table: [String: FieldResolver] = [
      "WorkItem.predecessors": items(
        "predecessors",
        """
        join work_items o on o.id = p.key
        join work_items t on t.id = any(coalesce(o.predecessors, array[o.previous_work_item]))
        """),
      "WorkItem.successors": items(
        "successors",
        """
        join lateral (select s.* from work_items s where s.predecessors @> array[p.key]
        union all select s.* from work_items s where s.previous_work_item = p.key and s.predecessors is null
        and s.host is null) t on true
        """),
      "WorkItem.childCases": .step(
        ListSource(
          Entities.case, schema: schema, name: "childCases", key: item.known("key"), keyType: .uuid,
          join: """
            join work_items o on o.id = p.key
            join lateral (select c.* from cases c where c.id = o.child_case
            union all select c.* from cases c where c.parent_item = p.key) t on true
            """,
          order: "t.created_at, t.id")),
      "WorkItem.artifacts": artifacts(item, "work_items"),
      "Case.artifacts": artifacts(Entities.case, "cases"),
      "WorkItem.revivedFrom": lookup("revivedFromKey", "revivedFrom"),
      "WorkItem.host": lookup("hostKey", "host"),
      "WorkItem.availableTransitions": .step(TransitionsSource()),
      "WorkItem.undoPlan": .value(UndoPlanSource()),
      "Query.validateWorkflow": .step(WorkflowProblemsSource()),
      "PublishWorkflowPayload.number": .property(MutationSource.extra),
      "MigrateCasesPayload.report": .property(MutationSource.extra),
      "BulkAssignWorkItemsPayload.count": .property(MutationSource.extra),
      "BulkUnassignWorkItemsPayload.count": .property(MutationSource.extra),
      "BulkAssignWorkItemsPayload.results": .step(BulkResultsSource()),
      "BulkUnassignWorkItemsPayload.results": .step(BulkResultsSource()),
    ]
    for (index, name) in BulkResultsSource.fields.enumerated() where index > 0 {
      table["BulkWorkItemResult.\(name)"] = .property(PropertyID(index))
    }
    table["BulkWorkItemResult.workItem"] = .step(
      LookupSource(item, schema: schema, name: "workItem", key: PropertyID(0)))
    for (index, name) in TransitionsSource.fields.enumerated() {
      table["WorkItemTransition.\(name)"] = .property(PropertyID(index))
    }
    for (index, name) in WorkflowProblemsSource.fields.enumerated() {
      table["WorkflowProblem.\(name)"] = .property(PropertyID(index))
    }
    return table
  }
}
