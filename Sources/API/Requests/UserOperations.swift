import GraphQL
import Synchronization
import WorkflowEngine

/// How many operations each user has under way, over all connections; one for all loops of the process.
///
/// Whoever is nobody is not counted: under that name there may be many. Their connections are bounded, and what each
/// carries.
public final class UserOperations: Sendable {
  /// One operation that is under way: until somebody says otherwise, or nobody holds it any more.
  final class Place: Sendable {
    private let user: String
    private let operations: UserOperations
    private let isOver = Atomic(false)

    fileprivate init(_ user: String, _ operations: UserOperations) {
      self.user = user
      self.operations = operations
    }

    func leave() {
      if !isOver.exchange(true, ordering: .relaxed) { operations.end(user) }
    }

    deinit { leave() }
  }

  private let counts = Mutex<[String: Int]>([:])
  private let maximum: Int

  /// - Parameter maximum: operations of a user at once, see `Limits.maxUserOperations`.
  public init(maximum: Int) {
    self.maximum = maximum
  }

  /// A place for one more; those who have no name need none.
  ///
  /// - Returns: `TOO_MANY_USER_OPERATIONS` when the user has as many as one may.
  func begin(_ caller: Caller) -> Result<Place?, GraphQLRefusal> {
    guard let user = caller.user else { return .success(nil) }
    let isFree = counts.withLock { counts in
      let count = counts[user, default: 0]
      guard count < maximum else { return false }
      counts[user] = count + 1
      return true
    }
    return isFree ? .success(Place(user, self)) : .failure(refusal)
  }

  private func end(_ user: String) {
    counts.withLock { counts in
      let rest = (counts[user] ?? 1) - 1
      counts[user] = rest > 0 ? rest : nil
    }
  }

  /// How many a user has under way.
  func count(of user: String) -> Int { counts.withLock { $0[user] ?? 0 } }

  private var refusal: GraphQLRefusal {
    GraphQLRefusal(
      .busy,
      [
        GraphQLError(
          "A user has \(maximum) operations at once at most, over all connections.",
          code: GraphQLError.Code.tooManyUserOperations)
      ])
  }
}
