/// Values by key, bounded in bytes; when it is full, what was not used since the last time goes.
struct BoundedCache<Key: Hashable, Value> {
  private struct Entry {
    let value: Value
    let bytes: Int
    var wasUsed = true
  }

  private var entries: [Key: Entry] = [:]
  private let capacity: Int
  private(set) var bytes = 0

  /// - Parameter capacity: in bytes; 0 for a cache that keeps nothing.
  init(capacity: Int) {
    self.capacity = capacity
  }

  var count: Int { entries.count }

  subscript(_ key: Key) -> Value? {
    mutating get {
      guard let index = entries.index(forKey: key) else { return nil }
      entries.values[index].wasUsed = true
      return entries.values[index].value
    }
  }

  /// Keeps a value, unless it would take more than a quarter of the room.
  mutating func insert(_ value: Value, for key: Key, bytes size: Int) {
    guard size <= capacity / 4, entries[key] == nil else { return }
    if bytes + size > capacity { makeRoom() }
    bytes += size
    entries[key] = Entry(value: value, bytes: size)
  }

  private mutating func makeRoom() {
    entries = entries.filter(\.value.wasUsed)
    bytes = entries.values.reduce(0) { $0 + $1.bytes }
    if bytes > capacity / 2 {
      entries = [:]
      bytes = 0
    }
    for key in entries.keys { entries[key]?.wasUsed = false }
  }
}
