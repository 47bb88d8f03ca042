import Logging

/// What one user may see, worked out once per request and type.
package final class VisibilityScope {
  private let classes: [VisibilityClass]
  private let suppressed: Set<String>
  package let user: User
  private let logger: Logger
  private var conditions: [StoredType: VisibilityCondition] = [:]
  /// Set when a rule asked whether its own type is visible.
  private(set) var cycle: StoredType?

  package init(_ table: ExtensionTable, user: User, logger: Logger) {
    classes = table.visibilities
    suppressed = table.suppressedVisibilities
    self.user = user
    self.logger = logger
  }

  /// Whether some rows of the type may be hidden from this user.
  package func isRestricted(_ kind: StoredType) -> Bool {
    !classes.isEmpty && !condition(of: kind).isAll
  }

  /// Whether nothing at all is hidden from this user.
  package var showsEverything: Bool {
    classes.isEmpty || !StoredType.allCases.contains(where: isRestricted)
  }

  /// Whether the lookup of a field, `Type.field`, shows what it finds whoever asks.
  package func isSuppressed(_ coordinate: String) -> Bool {
    !suppressed.isEmpty && suppressed.contains(coordinate)
  }

  /// The condition for rows of `alias`; nil when all may be seen.
  package func sql(
    _ kind: StoredType, alias: String, _ parameters: inout some VisibilityParameters
  ) -> String? {
    guard isRestricted(kind) else { return nil }
    var depth = 0
    return sql(condition(of: kind), alias, [kind], &depth, &parameters)
  }

  private func condition(of kind: StoredType) -> VisibilityCondition {
    if let known = conditions[kind] { return known }
    var parts = kind.hasRules ? classes.map { $0.condition(of: kind, for: user) } : []
    for (column, link) in kind.subjects where isRestricted(link.kind) {
      parts.append(.or([.test(column, .isNull), .visible(link)]))
    }
    let condition = VisibilityCondition.and(parts).simplified
    conditions[kind] = condition
    return condition
  }

  private func sql(
    _ condition: VisibilityCondition, _ alias: String, _ stack: [StoredType], _ depth: inout Int,
    _ parameters: inout some VisibilityParameters
  ) -> String {
    switch condition {
    case .all: return "true"
    case .none: return "false"
    case .and(let parts):
      return list(parts, " and ", alias, stack, &depth, &parameters)
    case .or(let parts):
      return list(parts, " or ", alias, stack, &depth, &parameters)
    case .not(let part):
      // Two-valued: what cannot be compared does not match, and its opposite does.
      return "(\(sql(part, alias, stack, &depth, &parameters))) is not true"
    case .test(let column, let test):
      return "(\(test.sql("\(alias).\(column)", &parameters)))"
    case .exists(let link, let inner):
      return exists(link, inner, alias, stack, &depth, &parameters)
    case .visible(let link):
      guard !stack.contains(link.kind) else {
        cycle = link.kind
        logger.error("A visibility depends on itself and shows nothing.", metadata: ["type": "\(link.kind.rawValue)"])
        return "false"
      }
      return exists(link, self.condition(of: link.kind), alias, stack + [link.kind], &depth, &parameters)
    }
  }

  private func list(
    _ parts: [VisibilityCondition], _ separator: String, _ alias: String, _ stack: [StoredType], _ depth: inout Int,
    _ parameters: inout some VisibilityParameters
  ) -> String {
    var texts: [String] = []
    for part in parts { texts.append(sql(part, alias, stack, &depth, &parameters)) }
    return "(\(texts.joined(separator: separator)))"
  }

  private func exists(
    _ link: VisibilityLink, _ inner: VisibilityCondition, _ alias: String, _ stack: [StoredType], _ depth: inout Int,
    _ parameters: inout some VisibilityParameters
  ) -> String {
    depth += 1
    let other = "v\(depth)"
    var text = "exists (select 1 from \(link.kind.table) \(other) where \(link.sql(this: alias, other: other))"
    if !inner.isAll { text += " and \(sql(inner, other, stack, &depth, &parameters))" }
    return text + ")"
  }
}
