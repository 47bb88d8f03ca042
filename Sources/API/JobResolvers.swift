import GraphQL

extension SchemaResolvers {
  /// Jobs, timers and incidents; what there is to do.
  static func jobs(_ schema: Schema) -> [String: FieldResolver] {
    let job = Entities.job
    let column = Entities.dashboardColumn
    func list(_ name: String, _ condition: String? = nil) -> FieldResolver {
      .step(
        ConnectionSource(
          job, schema: schema, name: name, filters: JobFilters.job, orders: JobFilters.orders, condition: condition))
    }
    return [
      "Query.jobs": list("jobs"),
      "Query.incidents": list("incidents", "t.state = 'dead'"),
      "Query.nextWorkItem": .step(NextWorkItemSource(schema: schema)),
      "Query.workflowDashboard": .step(
        ConnectionSource(
          column, schema: schema, name: "workflowDashboard", filters: JobFilters.dashboard,
          orders: OrderSet(attributes: ["OPEN": "t.open", "OLDEST": "t.created_at"], metaColumns: [:]))),
      "WorkflowDashboardColumn.workflow": .step(
        LookupSource(Entities.workflow, schema: schema, name: "workflow", key: column.known("workflowKey"))),
      "WorkflowDashboardColumn.task": .step(
        LookupSource(Entities.task, schema: schema, name: "task", key: column.known("taskKey"))),
      "Job.workItem": .step(
        LookupSource(Entities.workItem, schema: schema, name: "workItem", key: job.known("workItemKey"))),
      "Job.case": .step(LookupSource(Entities.case, schema: schema, name: "case", key: job.known("caseKey"))),
      "ClaimJobsPayload.token": .property(MutationSource.extra),
      "ClaimJobsPayload.jobs": .step(
        ListSource(
          job, schema: schema, name: "jobs", key: MutationSource.key, keyType: .uuid,
          join: "join scheduled_work t on t.lease_token = p.key and t.worker is not null",
          order: "t.priority desc, t.created_at, t.id")),
      "BroadcastSignalPayload.receivers": .property(MutationSource.extra),
      "DeliverMessagePayload.isDelivered": .property(MutationSource.extra),
    ]
  }
}
