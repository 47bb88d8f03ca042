import GraphQL

/// Compiled documents of one loop, and documents that were refused, so that neither is looked at twice.
///
/// The refused ones have room of their own: whoever sends them cannot drive out plans that are in use.
final class PlanCache: @unchecked Sendable {  // confined to its loop's thread
  struct Key: Hashable {
    let document: ContiguousArray<UInt8>
    let operationName: String?
    /// Whether the caller may read the schema: a document that does is valid for some callers only.
    let showsSchema: Bool
  }

  /// An operation that is ready to run, within all limits that its document alone decides.
  final class Compiled {
    let plan: Plan
    let cost: OperationCost

    init(plan: Plan, cost: OperationCost) {
      self.plan = plan
      self.cost = cost
    }
  }

  private var plans: BoundedCache<Key, Compiled>
  private var refusals: BoundedCache<Key, RequestErrors>

  /// - Parameters:
  ///   - capacity: bytes of compiled documents.
  ///   - refusedCapacity: bytes of refused ones.
  init(capacity: Int, refusedCapacity: Int) {
    plans = BoundedCache(capacity: capacity)
    refusals = BoundedCache(capacity: refusedCapacity)
  }

  subscript(_ key: Key) -> Result<Compiled, RequestErrors>? {
    if let compiled = plans[key] { return .success(compiled) }
    return refusals[key].map { .failure($0) }
  }

  func insert(_ result: Result<Compiled, RequestErrors>, for key: Key) {
    switch result {
    case .success(let compiled):
      plans.insert(compiled, for: key, bytes: compiled.plan.cost)
    case .failure(let refusal):
      let bytes = refusal.errors.reduce(512 + key.document.count) { $0 + 256 + $1.message.utf8.count }
      refusals.insert(refusal, for: key, bytes: bytes)
    }
  }

  /// How many plans and refusals there are.
  var counts: (plans: Int, refusals: Int) { (plans.count, refusals.count) }
}
