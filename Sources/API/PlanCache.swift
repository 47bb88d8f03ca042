import GraphQL

/// Compiled documents of one loop, and documents that were refused, so that neither is looked at twice.
///
/// Bounded in bytes; when it is full, what was not used since the last time goes.
final class PlanCache: @unchecked Sendable {  // confined to its loop's thread
  struct Key: Hashable {
    let document: ContiguousArray<UInt8>
    let operationName: String?
  }

  private struct Entry {
    let result: Result<Plan, RequestErrors>
    let cost: Int
    var wasUsed = true
  }

  private var entries: [Key: Entry] = [:]
  private let capacity: Int
  private var cost = 0

  init(capacity: Int) {
    self.capacity = capacity
  }

  subscript(_ key: Key) -> Result<Plan, RequestErrors>? {
    guard let index = entries.index(forKey: key) else { return nil }
    entries.values[index].wasUsed = true
    return entries.values[index].result
  }

  func insert(_ result: Result<Plan, RequestErrors>, for key: Key) {
    let size: Int
    switch result {
    case .success(let plan): size = plan.cost
    case .failure(let rejection): size = 512 + key.document.count + rejection.errors.count * 256
    }
    guard size <= capacity / 4 else { return }
    if cost + size > capacity { makeRoom() }
    cost += size
    entries[key] = Entry(result: result, cost: size)
  }

  private func makeRoom() {
    entries = entries.filter(\.value.wasUsed)
    cost = entries.values.reduce(0) { $0 + $1.cost }
    if cost > capacity / 2 {
      entries = [:]
      cost = 0
    }
    for key in entries.keys { entries[key]?.wasUsed = false }
  }
}
