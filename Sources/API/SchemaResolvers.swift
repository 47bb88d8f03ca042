import CEmbedded
import GraphQL
import Millrace

/// Binds every field of `schema.graphql` to where its value comes from.
enum SchemaResolvers {
  /// The schema's text, which travels in the binary.
  static var source: String {
    String(
      decoding: UnsafeBufferPointer(start: millrace_schema.bytes, count: millrace_schema.count), as: UTF8.self)
  }

  /// - Throws: what is wrong with the schema, or which fields have no resolver.
  static func bind() throws -> SchemaBinding {
    let schema = try Schema.build(source, scalars: Scalars.coercions)
    return try SchemaBinding(schema: schema, resolvers: resolvers(schema))
  }

  static func resolvers(_ schema: Schema) -> [String: FieldResolver] {
    var table: [String: FieldResolver] = [:]
    for (type, entity) in [
      ("Workflow", Entities.workflow), ("Flow", Entities.flow), ("Case", Entities.case),
      ("WorkItem", Entities.workItem), ("SimpleTask", Entities.task),
      ("CompleteWorkflowFormTask", Entities.task), ("CompleteTaskFormTask", Entities.task),
      ("NodeTask", Entities.task),
      ("Hook", Entities.hook), ("HookDelivery", Entities.hookDelivery), ("Job", Entities.job),
      ("WorkflowDashboardColumn", Entities.dashboardColumn), ("Artifact", Entities.artifact),
      ("CaseEvent", Entities.caseEvent), ("DefinitionEvent", Entities.definitionEvent),
    ] {
      guard let id = schema.type(named: type) else { continue }
      for (index, column) in entity.columns.enumerated() where schema.field(named: column.name, of: id) != nil {
        table["\(type).\(column.name)"] = .property(PropertyID(index))
      }
    }
    table.merge(roots(schema)) { _, new in new }
    table.merge(links(schema)) { _, new in new }
    table.merge(mutations(schema)) { _, new in new }
    table.merge(hooks(schema)) { _, new in new }
    table.merge(jobs(schema)) { _, new in new }
    table.merge(extensions(schema)) { _, new in new }
    table.merge(nodes(schema)) { _, new in new }
    table["Subscription.caseEvents"] = .stream(CaseEventsSource())
    table.merge(forms(schema)) { old, _ in old }
    return table
  }

  private static func roots(_ schema: Schema) -> [String: FieldResolver] {
    func connection(_ entity: Entity, _ filters: FilterSet, _ orders: OrderSet, _ name: String) -> FieldResolver {
      .step(ConnectionSource(entity, schema: schema, name: name, filters: filters, orders: orders))
    }
    func workList(_ name: String, _ scope: @escaping ConnectionSource.Scope) -> FieldResolver {
      .step(
        ConnectionSource(
          Entities.workItem, schema: schema, name: name, filters: WorkflowFilters.workItem,
          orders: WorkflowOrders.workItem,
          scope: scope))
    }
    func node(_ entity: Entity, _ type: String, _ condition: String = "") -> (type: String, source: StepSource) {
      (type, NodeSource(entity, schema: schema, type: type, condition: condition))
    }
    return [
      "Query.allWorkflows": connection(
        Entities.workflow, WorkflowFilters.workflow, WorkflowOrders.workflow, "allWorkflows"),
      "Query.allTasks": connection(Entities.task, WorkflowFilters.task, WorkflowOrders.task, "allTasks"),
      "Query.allCases": connection(Entities.case, WorkflowFilters.case, WorkflowOrders.case, "allCases"),
      "Query.allWorkItems": connection(
        Entities.workItem, WorkflowFilters.workItem, WorkflowOrders.workItem, "allWorkItems"),
      "Query.inbox": workList("inbox", WorkLists.inbox),
      "Query.queue": workList("queue", WorkLists.queue),
      "Query.archive": workList("archive", WorkLists.archive),
      "Query.snoozed": workList("snoozed", WorkLists.snoozed),
      "Query.caseTimeline": .step(TimelineSource.ofCase(schema)),
      "Query.definitionTimeline": .step(TimelineSource.ofDefinitions(schema)),
      "Query.node": .steps([
        node(Entities.workItem, "WorkItem"), node(Entities.case, "Case"), node(Entities.workflow, "Workflow"),
        node(Entities.flow, "Flow"), node(Entities.hook, "Hook"),
        node(Entities.hookDelivery, "HookDelivery"), node(Entities.job, "Job"),
        node(Entities.task, "SimpleTask", " and t.type = 'simple'"),
        node(Entities.task, "CompleteWorkflowFormTask", " and t.type = 'complete_workflow_form'"),
        node(Entities.task, "CompleteTaskFormTask", " and t.type = 'complete_task_form'"),
        node(
          Entities.task, "NodeTask",
          " and t.type not in ('simple', 'complete_workflow_form', 'complete_task_form')"),
      ]),
    ]
  }

  private static func links(_ schema: Schema) -> [String: FieldResolver] {
    func lookup(
      _ entity: Entity, _ key: PropertyID, match: String? = nil, keyType: Entity.KeyType? = nil, _ name: String,
      of owner: String? = nil
    ) -> FieldResolver {
      .step(
        LookupSource(
          entity, schema: schema, name: name, key: key, match: match, keyType: keyType,
          coordinate: owner.map { "\($0).\(name)" }))
    }
    func items(_ name: String, _ entity: Entity, _ key: String, _ column: String) -> FieldResolver {
      .step(
        ConnectionSource(
          Entities.workItem, schema: schema, name: name, filters: WorkflowFilters.workItem,
          orders: WorkflowOrders.workItem, parent: (entity.known(key), column, .uuid)))
    }
    let item = Entities.workItem
    let found = Entities.case
    let told = Entities.caseEvent
    return [
      "WorkItem.task": lookup(Entities.task, item.known("taskKey"), "task", of: "WorkItem"),
      "WorkItem.case": lookup(found, item.known("caseKey"), "case", of: "WorkItem"),
      "WorkItem.childCase": lookup(found, item.known("childCaseKey"), "childCase", of: "WorkItem"),
      "WorkItem.previousWorkItem": lookup(item, item.known("previousWorkItemKey"), "previousWorkItem", of: "WorkItem"),
      "WorkItem.succeedingWorkItems": items("succeedingWorkItems", item, "key", "t.previous_work_item"),
      "WorkItem.isRedoable": .value(RedoableSource()),
      "Workflow.chart": .value(ChartSource(.workflow)),
      "Case.chart": .value(ChartSource(.case)),
      "Case.workflow": lookup(Entities.workflow, found.known("workflowKey"), "workflow", of: "Case"),
      "Case.family": lookup(found, found.known("familyKey"), "family", of: "Case"),
      "Case.parentWorkItem": lookup(item, found.known("parentKey"), "parentWorkItem", of: "Case"),
      "Case.workItems": items("workItems", found, "key", "t.case_id"),
      "Case.familyWorkItems": items("familyWorkItems", found, "familyKey", "t.family"),
      "CaseEvent.case": lookup(found, told.known("caseKey"), "case"),
      "CaseEvent.workItem": lookup(item, told.known("workItemKey"), "workItem"),
      "CaseEvent.task": lookup(Entities.task, told.known("taskKey"), "task"),
      "DefinitionEvent.workflow": lookup(
        Entities.workflow, Entities.definitionEvent.known("workflowKey"), "workflow"),
      "DefinitionEvent.task": lookup(Entities.task, Entities.definitionEvent.known("taskKey"), "task"),
      "Workflow.flows": .step(
        ConnectionSource(
          Entities.flow, schema: schema, name: "flows", filters: WorkflowFilters.flow, orders: WorkflowOrders.flow,
          parent: (Entities.workflow.known("slug"), "t.workflow", .text))),
      "Workflow.startTasks": .step(
        ListSource(
          Entities.task, schema: schema, name: "startTasks", key: Entities.workflow.known("slug"), keyType: .text,
          join: "join workflow_start_tasks s on s.workflow = p.key join tasks t on t.slug = s.task",
          order: "s.position")),
      "Workflow.tasks": .step(
        ListSource(
          Entities.task, schema: schema, name: "tasks", key: Entities.workflow.known("slug"), keyType: .text,
          join: workflowTasks, order: "s.position, t.slug", through: (.flow, "f"))),
      "Flow.tasks": .step(
        ListSource(
          Entities.task, schema: schema, name: "tasks", key: Entities.flow.known("key"), keyType: .uuid,
          join: "join task_flows s on s.flow = p.key join tasks t on t.slug = s.task", order: "s.position")),
    ]
  }

  // Start tasks first, then those that the flows name.
  private static let workflowTasks = """
    cross join lateral (select task, min(position) as position from (
    select s.task, s.position from workflow_start_tasks s where s.workflow = p.key
    union all
    select n.task, 1000000 + n.position from flow_next_tasks n join flows f on f.id = n.flow
    where f.workflow = p.key{seen}
    ) named group by task) s join tasks t on t.slug = s.task
    """

  private static func mutations(_ schema: Schema) -> [String: FieldResolver] {
    var table: [String: FieldResolver] = [:]
    let others = DefinitionMutations.handlers.merging(HookMutations.handlers) { first, _ in first }
      .merging(JobMutations.handlers) { first, _ in first }
    var actions = others.mapValues(MutationSource.Action.other)
      .merging(CaseMutations.commands.mapValues(MutationSource.Action.command)) { first, _ in first }
    actions["loadDefinitions"] = .withExtra { try await DefinitionMutations.load($0, $1) }
    for (name, handler) in JobMutations.withExtra { actions[name] = .withExtra(handler) }
    for (name, make) in NodeMutations.commands { actions[name] = .command(make) }
    for (name, handler) in NodeMutations.handlers { actions[name] = .other(handler) }
    for (name, handler) in NodeMutations.withExtra { actions[name] = .withExtra(handler) }
    for (name, handler) in NodeMutations.bulk { actions[name] = .bulk(handler) }
    actions["saveHook"] = .withExtra { try await HookMutations.saveHook($0, $1) }
    for (name, action) in actions {
      table["Mutation.\(name)"] = .step(MutationSource(name, schema: schema, action))
      let payload = name.prefix(1).uppercased() + name.dropFirst() + "Payload"
      table["\(payload).clientMutationId"] = .property(MutationSource.clientMutationID)
      for (field, entity) in [
        ("case", Entities.case), ("workItem", Entities.workItem), ("task", Entities.task),
        ("workflow", Entities.workflow), ("hook", Entities.hook), ("hookDelivery", Entities.hookDelivery),
        ("job", Entities.job),
      ] {
        guard let type = schema.type(named: payload), schema.field(named: field, of: type) != nil else { continue }
        table["\(payload).\(field)"] = .step(
          LookupSource(entity, schema: schema, name: field, key: MutationSource.key))
      }
    }
    table["LoadDefinitionsPayload.report"] = .property(MutationSource.extra)
    table["SaveHookPayload.secret"] = .property(MutationSource.extra)
    table["Mutation.removeFlow"] = .step(RemoveFlowSource(schema: schema))
    table["RemoveFlowPayload.clientMutationId"] = .property(RemoveFlowSource.clientMutationID)
    table["RemoveFlowPayload.flow"] = .step(RemovedFlowLink())
    return table
  }

  /// There are no forms and documents yet: every way to one is empty.
  private static func forms(_ schema: Schema) -> [String: FieldResolver] {
    var table: [String: FieldResolver] = [
      "Workflow.allowForms": .step(EmptySource("allowForms", .connection)),
      "CompleteTaskFormTask.form": .step(EmptySource("form", .one)),
      "Case.document": .step(EmptySource("document", .one)),
      "WorkItem.document": .step(EmptySource("document", .one)),
    ]
    for name in ["Form", "Document"] {
      for field in schema.fields(of: name) {
        table["\(name).\(field.name)"] =
          field.isLeaf ? .property(PropertyID(0)) : .step(EmptySource(field.name, .one))
      }
    }
    return table
  }
}
