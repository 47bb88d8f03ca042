import GraphQL

/// The filters and orders of hooks and their deliveries.
enum HookFilters {
  static let hook = FilterSet(
    keys: FilterSet.audit, [
      "name": FilterSet.text("t.name"),
      "trigger": FilterSet.enumeration("t.trigger"),
      "moment": FilterSet.enumeration("t.moment"),
      "event": FilterSet.text("t.event"),
      "workflow": FilterSet.slug("t.workflow"),
      "case": FilterSet.uuid("t.case_id"),
      "function": FilterSet.text("t.function"),
      "url": FilterSet.text("t.url"),
      "isEnabled": FilterSet.boolean("t.is_enabled"),
    ])

  static let delivery = FilterSet(
    keys: [
      "hook": FilterSet.uuid("t.hook"),
      "status": FilterSet.enumerations("t.status"),
      "event": FilterSet.text("t.event"),
      "case": FilterSet.uuid("t.case_id"),
      "caseFamily": FilterSet.uuid("t.family"),
      "createdBefore": FilterSet.time("t.created_at", "<"),
      "createdAfter": FilterSet.time("t.created_at", ">="),
    ])
}

enum HookOrders {
  static let hook = OrderSet(
    attributes: ["CREATED_AT": "t.created_at", "MODIFIED_AT": "t.modified_at", "NAME": "t.name"], metaColumns: [:])

  static let delivery = OrderSet(
    attributes: ["CREATED_AT": "t.created_at", "FINISHED_AT": "t.finished_at", "SEQUENCE": "t.seq"],
    metaColumns: [:])
}
