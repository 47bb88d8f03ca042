/// A step of the database's layout: a name that sorts, and SQL.
public struct Migration: Hashable, Sendable {
  /// For example `0001_workflow.sql`.
  public let name: String
  public let sql: String

  public init(name: String, sql: String) {
    self.name = name
    self.sql = sql
  }

  /// Tells a changed text from the one that was applied: FNV-1a over its bytes, 128 bits, in hexadecimal. It
  /// guards against mistakes, not against an adversary, who could write to the database anyway.
  ///
  /// Source: Fowler, Noll, Vo; draft-eastlake-fnv.
  public var checksum: String {
    var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    for byte in sql.utf8 { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 32 - digits.utf8.count) + digits
  }
}

/// Which migrations are still to be applied.
public struct MigrationPlan: Equatable, Sendable {
  public enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
    case changed(String)
    case unknown(String)
    case outOfOrder(String)

    public var description: String {
      switch self {
      case .changed(let name):
        "The migration \(name) is not the one that was applied to this database: its text has changed."
      case .unknown(let name):
        "The database has the migration \(name), which this version of Millrace does not know: "
          + "it belongs to a newer one."
      case .outOfOrder(let name):
        "The migration \(name) was not applied, although one behind it was."
      }
    }
  }

  public let pending: [Migration]

  /// - Parameters:
  ///   - applied: name and checksum of what the database has.
  ///   - known: what this version knows, in order.
  public init(applied: [(name: String, checksum: String)], known: [Migration]) throws(Failure) {
    let byName = Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0) })
    for entry in applied {
      guard let migration = byName[entry.name] else { throw .unknown(entry.name) }
      guard migration.checksum == entry.checksum else { throw .changed(entry.name) }
    }
    let done = Set(applied.map(\.name))
    let pending = known.filter { !done.contains($0.name) }
    if let first = pending.first, let last = known.last(where: { done.contains($0.name) }), first.name < last.name {
      throw .outOfOrder(first.name)
    }
    self.pending = pending
  }
}
