import GraphQL

extension SchemaResolvers {
  /// Hooks and their deliveries.
  static func hooks(_ schema: Schema) -> [String: FieldResolver] {
    func lookup(_ entity: Entity, _ key: PropertyID, _ name: String) -> FieldResolver {
      .step(LookupSource(entity, schema: schema, name: name, key: key))
    }
    let hook = Entities.hook
    let delivery = Entities.hookDelivery
    return [
      "Query.allHooks": .step(
        ConnectionSource(
          hook, schema: schema, name: "allHooks", filters: HookFilters.hook, orders: HookOrders.hook,
          condition: "t.removed_at is null")),
      "Query.hookDeliveries": .step(
        ConnectionSource(
          delivery, schema: schema, name: "hookDeliveries", filters: HookFilters.delivery,
          orders: HookOrders.delivery)),
      "Hook.workflow": lookup(Entities.workflow, hook.known("workflowKey"), "workflow"),
      "Hook.task": lookup(Entities.task, hook.known("taskKey"), "task"),
      "Hook.case": lookup(Entities.case, hook.known("caseKey"), "case"),
      "Hook.source": lookup(Entities.task, hook.known("sourceKey"), "source"),
      "Hook.destination": lookup(Entities.task, hook.known("destinationKey"), "destination"),
      "Hook.deliveries": .step(
        ConnectionSource(
          delivery, schema: schema, name: "deliveries", filters: HookFilters.delivery, orders: HookOrders.delivery,
          parent: (hook.known("key"), "t.hook", .uuid))),
      "HookDelivery.hook": lookup(hook, delivery.known("hookKey"), "hook"),
      "HookDelivery.case": lookup(Entities.case, delivery.known("caseKey"), "case"),
      "HookDelivery.workItem": lookup(Entities.workItem, delivery.known("workItemKey"), "workItem"),
    ]
  }
}
