import Postgres
import WorkflowEngine
import WorkflowStore

/// What a client's mutation has to pass in its transaction, behind the family's lock: visibilities, permissions for
/// objects, validations. What receivers and scripts do passes none.
package struct MutationGate: Sendable {
  /// Whether the user may see what the mutation names. Sent together with the lock.
  package struct Check: Sendable {
    package let sql: SQL
    package let parameters: Parameters
    /// The object that is changed; what is merely referred to is looked at once that may be changed.
    package let isTarget: Bool
    /// What is wrong, by the rows of the statement; nil if all is well.
    package let problem: @Sendable (Rows) -> MillraceError?

    package init(
      sql: SQL, parameters: Parameters, isTarget: Bool, problem: @escaping @Sendable (Rows) -> MillraceError?
    ) {
      self.sql = sql
      self.parameters = parameters
      self.isTarget = isTarget
      self.problem = problem
    }
  }

  package var checks: [Check]
  package var permit: (@Sendable (MutationObject, ExtensionContext) async throws -> Void)?
  /// Runs the validations and makes the command anew from what they leave; nil without validations.
  package var revise: (@Sendable (ExtensionContext) async throws -> Command)?

  package init(checks: [Check]) {
    self.checks = checks
  }
}

/// The checks of a gate on their way.
struct PendingChecks {
  private var pending: [(check: MutationGate.Check, rows: PendingRows)] = []

  mutating func send(_ checks: [MutationGate.Check], in transaction: Transaction) {
    for check in checks { pending.append((check, transaction.send(check.sql, check.parameters))) }
  }

  /// - Throws: the first problem.
  func pass(targets: Bool) async throws {
    for (check, rows) in pending where check.isTarget == targets {
      if let problem = check.problem(try await rows.rows()) { throw problem }
    }
  }
}

extension Command {
  /// The stored object that the command changes; nil when it makes a new one.
  var target: EntityID? {
    switch self {
    case .startCase, .createWorkItem: return nil
    default: break
    }
    switch locator {
    case .ofCase(let id)?, .ofWorkItem(let id)?: return id
    case nil: return nil
    }
  }

  func object(in state: FamilyState) -> MutationObject? {
    guard let target else { return nil }
    return state.workItem(target).map { .workItem($0) } ?? state.case(target).map { .case($0) }
  }
}
