import Millrace
import Postgres

/// The lists that a person works from: what is theirs, what they may take, and what they have done.
enum WorkLists {
  /// Nobody has laid the item aside.
  static let isAwake = "(t.snoozed_until is null or t.snoozed_until <= now())"

  /// Ready items that are assigned to the caller, or could be, and were laid aside.
  static let snoozed: ConnectionSource.Scope = { context, builder in
    guard let user = context.caller.user else { return "false" }
    let own = "t.assigned_users @> \(builder.bind(texts: [user]))"
    let groups = builder.bind(texts: context.visibility.user.groups)
    return
      "t.status = 'ready' and t.snoozed_until > now() and (\(own) or t.assigned_users = '{}' "
        + "and (t.addressed_groups && \(groups) or t.addressed_groups = '{}'))"
  }

  /// Ready items that are assigned to the caller.
  static let inbox: ConnectionSource.Scope = { context, builder in
    guard let user = context.caller.user else { return "false" }
    return "t.status = 'ready' and t.assigned_users @> \(builder.bind(texts: [user])) and \(isAwake)"
  }

  /// Ready items that nobody has and the caller may take: addressed to one of their groups, or to nobody.
  static let queue: ConnectionSource.Scope = { context, builder in
    guard context.caller.user != nil else { return "false" }
    let groups = builder.bind(texts: context.visibility.user.groups)
    return
      "t.status = 'ready' and t.assigned_users = '{}' "
        + "and (t.addressed_groups && \(groups) or t.addressed_groups = '{}') and \(isAwake)"
  }

  /// Closed items that were assigned to the caller, whoever closed them and however; and those that were assigned to
  /// nobody and that the caller has done.
  static let archive: ConnectionSource.Scope = { context, builder in
    guard let user = context.caller.user else { return "false" }
    let name = builder.bind(text: user)
    let own = builder.bind(texts: [user])
    return """
      t.closed_at is not null and (t.assigned_users @> \(own) or t.assigned_users = '{}' and t.closed_by_user = \(name)
      and t.status in ('completed', 'skipped'))
      """
  }
}
