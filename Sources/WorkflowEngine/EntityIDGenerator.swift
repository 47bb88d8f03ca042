/// Where the engine takes the ids of new rows from. Ids have to be new; later ones should sort after earlier
/// ones, because rows of the same instant are listed in the order of their ids.
public protocol EntityIDGenerator {
  mutating func next() -> EntityID
}
