/// What is known of tokens for a while: bounded in number and time. Times are seconds since 1970.
struct TokenCache {
  private struct Entry {
    let outcome: Result<Identity, Refusal>
    let end: Int64
  }

  let capacity: Int
  private var entries: [TokenHash: Entry] = [:]
  /// Oldest first, from `head` on; an entry that has ended may stand here without one in `entries`.
  private var order: [TokenHash] = []
  private var head = 0

  init(capacity: Int) {
    self.capacity = max(capacity, 1)
  }

  var count: Int { entries.count }

  mutating func outcome(_ hash: TokenHash, now: Int64) -> Result<Identity, Refusal>? {
    guard let entry = entries[hash] else { return nil }
    guard now < entry.end else {
      entries[hash] = nil
      return nil
    }
    return entry.outcome
  }

  mutating func insert(_ outcome: Result<Identity, Refusal>, _ hash: TokenHash, until end: Int64, now: Int64) {
    guard now < end else { return }
    entries[hash] = Entry(outcome: outcome, end: end)
    order.append(hash)
    while order.count - head > capacity {
      entries[order[head]] = nil
      head += 1
    }
    if head > capacity {
      order.removeFirst(head)
      head = 0
    }
  }
}
