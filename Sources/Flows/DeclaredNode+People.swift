import WorkflowEngine

/// Who does a node, and how.
extension DeclaredNode {
  /// Only members of the group `<flow>.can_<node>` may do the node, and find it in their queue.
  public func permission(autoCreate: Bool) -> DeclaredNode { with { $0.createsPermission = autoCreate } }

  /// Only members of one of the groups may do the node, and find it in their queue.
  public func permission(_ groups: String...) -> DeclaredNode {
    with { node in
      var rule = node.definition.permission ?? AccessRule()
      rule.groups += groups
      node.definition.permission = rule
      node.addressGroups = "[\(rule.groups.map(Self.quoted).joined(separator: ", "))]|groups"
    }
  }

  /// Only users of whom this expression holds may do the node.
  public func permission(expression: String) -> DeclaredNode {
    with { node in
      var rule = node.definition.permission ?? AccessRule()
      rule.expression = expression
      node.definition.permission = rule
    }
  }

  /// Who may assign, cancel, undo and revive the node's items.
  public func managedBy(_ groups: String...) -> DeclaredNode {
    with { $0.definition.management = AccessRule(groups: groups) }
  }

  /// Gives new work items to a user.
  public func assign(_ users: String...) -> DeclaredNode { with { $0.assigns = .named(users) } }

  /// Gives new work items to whoever this is: `this.start.owner`, or `.expression("…")`.
  public func assign(_ users: FlowUsers) -> DeclaredNode { with { $0.assigns = users } }

  /// Once an item has a user, only that one may complete it.
  public func onlyAssignee() -> DeclaredNode { with { $0.definition.isExclusive = true } }

  /// What people read; by default the property's name.
  public func annotation(title: String, description: String? = nil) -> DeclaredNode {
    with { node in
      node.title = title
      node.summary = description
    }
  }

  /// What people read on work items: templates, in which `{{ data.title }}` stands for the value of an expression. The
  /// result takes the summary's place when the item is done.
  public func texts(title: String? = nil, summary: String? = nil, result: String? = nil) -> DeclaredNode {
    with { $0.definition.texts = NodeTexts(title: title, summary: summary, result: result) }
  }

  /// How long people have; then the item is overdue.
  public func leadTime(_ duration: Duration) -> DeclaredNode { with { $0.leadTime = duration.components.seconds } }

  /// Gives overdue items to these users, instead of those that have it.
  public func escalate(to users: String...) -> DeclaredNode {
    escalating { $0.assignment = .users(users) }
  }

  /// Gives overdue items to the users that this expression gives.
  public func escalate(toUsersOf expression: String) -> DeclaredNode {
    escalating { $0.assignment = .expression(expression) }
  }

  /// Has overdue items in the queue of these groups, too.
  public func escalate(toGroups groups: String...) -> DeclaredNode {
    escalating { $0.addressGroups = "[\(groups.map(Self.quoted).joined(separator: ", "))]|groups" }
  }

  private func escalating(_ change: (inout EscalationRule) -> Void) -> DeclaredNode {
    var rule = definition.escalation ?? EscalationRule()
    change(&rule)
    return with { $0.definition.escalation = rule }
  }

  // MARK: Other

  /// How often a job is tried, and how long the first pause is.
  public func retry(_ attempts: Int, backOff: Duration = .seconds(10)) -> DeclaredNode {
    with { $0.definition.retry = RetryPolicy(maximumAttempts: attempts, backOff: backOff.components.seconds) }
  }

  /// Cancels open items of these nodes when an item of this one is done.
  public func cancels(_ nodes: NodeReference...) -> DeclaredNode { with { $0.cancels += nodes } }

  /// What tells one waiter from another: an expression.
  public func correlated(by expression: String) -> DeclaredNode { with { $0.definition.correlation = expression } }

  /// What goes into an expression as a text.
  static func quoted(_ text: String) -> String {
    "'" + text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "'"
  }
}
