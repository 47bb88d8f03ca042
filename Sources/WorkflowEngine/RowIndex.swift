/// Where rows stand, by their ids. Most families are small: up to a bound looking through the ids is faster than
/// hashing them, and nothing has to be built when a family is loaded.
struct RowIndex: Sendable {
  private static let bound = 24
  private var ids: ContiguousArray<EntityID> = []
  /// Empty up to the bound.
  private var places: [EntityID: Int] = [:]

  /// Later rows are asked for more often, so the search begins at the end.
  func place(of id: EntityID) -> Int? {
    guard ids.count <= Self.bound else { return places[id] }
    return ids.lastIndex(of: id)
  }

  mutating func append(_ id: EntityID) {
    ids.append(id)
    guard ids.count > Self.bound else { return }
    if places.isEmpty {
      for (place, id) in ids.enumerated() { places[id] = place }
    } else {
      places[id] = ids.count - 1
    }
  }
}
