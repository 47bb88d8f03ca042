import WorkflowEngine

/// Makes the task of a node.
struct NodeReader {
  let name: String
  let node: DeclaredNode
  let flow: String
  /// The names of all nodes.
  let known: Set<String>

  private func slug(_ reference: NodeReference) -> String { FlowName.task(reference.name, of: flow) }

  var closures: [FlowProgram.Closure] {
    let own = DeclaredNode.Role.allCases.compactMap { role in
      node.closures[role].map { FlowProgram.Closure(name: closureName(role), role: role, body: $0) }
    }
    return own + node.ways.enumerated().compactMap { order, way in
      way.closure.map { FlowProgram.Closure(name: wayName(order), role: .condition, body: $0) }
    }
  }

  private func closureName(_ role: DeclaredNode.Role) -> String { "\(flow).\(name).\(role.rawValue)" }

  private func wayName(_ order: Int) -> String { "\(closureName(.condition)).\(order)" }

  private func closureName(ifGiven role: DeclaredNode.Role) -> String? {
    node.closures[role] == nil ? nil : closureName(role)
  }

  var task: TaskDefinition {
    var definition = node.definition
    definition.edges = node.ways.enumerated().map { order, way in
      EdgeDefinition(
        slug(way.target), condition: way.condition, isDefault: way.isDefault, order: order, items: way.items,
        data: way.data, label: way.label, closure: way.closure.map { _ in wayName(order) })
    }
    definition.boundaries = node.boundaries.map { boundary in
      var definition = boundary.definition
      definition.target = slug(boundary.target)
      return definition
    }
    definition.handler = closureName(ifGiven: .perform) ?? closureName(ifGiven: .job) ?? definition.handler
    definition.createHandler = closureName(ifGiven: .create) ?? definition.createHandler
    definition.undoHandler = closureName(ifGiven: .undo) ?? definition.undoHandler
    definition.conditionClosure = closureName(ifGiven: .condition) ?? definition.conditionClosure
    definition.compensationHandler = closureName(ifGiven: .compensate) ?? definition.compensationHandler
    definition.cancels += node.cancels.map(slug)
    var addressed = node.addressGroups
    if node.createsPermission {
      let group = "\(flow).can_\(name)"
      var rule = definition.permission ?? AccessRule()
      rule.groups.append(group)
      definition.permission = rule
      addressed = "[\(rule.groups.map(DeclaredNode.quoted).joined(separator: ", "))]|groups"
    }
    if let rule = closureName(ifGiven: .permission) { definition.permission = with(rule, definition.permission) }
    if let rule = closureName(ifGiven: .management) { definition.management = with(rule, definition.management) }
    switch node.assigns {
    case .named(let users): definition.assignment = .users(users)
    case .expression(let text): definition.assignment = .expression(text)
    case .owner(let other): definition.assignment = .sameAs(task: slug(other))
    case nil: if let closure = closureName(ifGiven: .assignment) { definition.assignment = .closure(closure) }
    }
    return TaskDefinition(
      slug: FlowName.task(name, of: flow), type: node.type, leadTime: node.leadTime,
      addressGroups: node.type.isHuman ? addressed : nil, node: definition)
  }

  private func with(_ closure: String, _ rule: AccessRule?) -> AccessRule {
    var rule = rule ?? AccessRule()
    rule.closure = closure
    return rule
  }

  // What names nodes that are not there cannot be told from the definitions, which have slugs.
  var problems: [FlowProgram.Problem] {
    var targets = node.ways.map { ($0.target, $0.place) } + node.boundaries.map { ($0.target, $0.place) }
    targets += node.cancels.map { ($0, node.place) }
    if case .owner(let other) = node.assigns { targets.append((other, node.place)) }
    var problems = targets.filter { !known.contains($0.0.name) }.map { target, place in
      FlowProgram.Problem(place: place, message: "\(name) names `this.\(target.name)`, which the flow does not have.")
    }
    if node.type == .if, let way = node.ways.first(where: { !$0.isDefault && $0.condition == nil && $0.closure == nil })
    {
      problems.append(
        FlowProgram.Problem(place: way.place, message: "The ways of the if \(name) are `then` and `else`."))
    }
    if !node.type.isSplit && node.type != .if && node.type != .switch,
      let way = node.ways.first(where: { $0.condition != nil || $0.closure != nil || $0.isDefault })
    {
      problems.append(
        FlowProgram.Problem(place: way.place, message: "\(name) is no gateway: its only way is `next`."))
    }
    return problems
  }
}
