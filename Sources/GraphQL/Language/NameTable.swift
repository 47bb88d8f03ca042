/// A name as an integer, unique within one `NameTable`.
public struct NameID: Sendable, Hashable, BitwiseCopyable {
  public let rawValue: UInt32

  @inline(__always)
  public init(_ rawValue: UInt32) { self.rawValue = rawValue }

  /// No name.
  public static var none: NameID { NameID(.max) }

  @inline(__always)
  public var isNone: Bool { rawValue == .max }

  /// For use as an array index.
  @inline(__always)
  public var index: Int { Int(rawValue) }
}

/// Names interned by their bytes: an open-addressing hash table whose values are consecutive integers.
public struct NameTable: Sendable {
  private struct Entry: BitwiseCopyable {
    var start: UInt32
    var count: UInt32
    var hash: UInt32
  }

  /// Differs per process, so that a document cannot be made to collide on purpose.
  private static let seed = UInt64.random(in: .min ... .max)

  private var bytes = ContiguousArray<UInt8>()
  private var entries = ContiguousArray<Entry>()
  private var slots: ContiguousArray<UInt32>
  private let seed = NameTable.seed

  public init(capacity: Int = 24) {
    var size = 32
    while size * 3 < capacity * 4 { size *= 2 }
    slots = ContiguousArray(repeating: .max, count: size)
    entries.reserveCapacity(capacity)
    bytes.reserveCapacity(capacity * 10)
  }

  /// Number of names.
  public var count: Int { entries.count }

  private func hash(_ name: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var state = seed
    for byte in name { state = (state ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15; state ^= state >> 29 }
    return UInt32(truncatingIfNeeded: state ^ (state >> 32))
  }

  private func matches(_ entry: Entry, _ hash: UInt32, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard entry.hash == hash, Int(entry.count) == name.count else { return false }
    let start = Int(entry.start)
    for index in 0..<name.count where bytes[start + index] != name[index] { return false }
    return true
  }

  /// The integer of a name, entering it if it is new.
  public mutating func intern(_ name: UnsafeBufferPointer<UInt8>) -> NameID {
    let hash = hash(name)
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != .max {
      if matches(entries[Int(slots[slot])], hash, name) { return NameID(slots[slot]) }
      slot = (slot + 1) & mask
    }
    let id = UInt32(entries.count)
    entries.append(Entry(start: UInt32(bytes.count), count: UInt32(name.count), hash: hash))
    bytes.append(contentsOf: name)
    slots[slot] = id
    if entries.count * 4 > slots.count * 3 { grow() }
    return NameID(id)
  }

  /// The integer of a name, entering it if it is new.
  public mutating func intern(_ name: String) -> NameID {
    var name = name
    return name.withUTF8 { intern($0) }
  }

  private mutating func grow() {
    var larger = ContiguousArray<UInt32>(repeating: .max, count: slots.count * 2)
    let mask = larger.count - 1
    for (id, entry) in entries.enumerated() {
      var slot = Int(entry.hash) & mask
      while larger[slot] != .max { slot = (slot + 1) & mask }
      larger[slot] = UInt32(id)
    }
    slots = larger
  }

  /// The integer of a name, or nil if it was never entered.
  public func find(_ name: UnsafeBufferPointer<UInt8>) -> NameID? {
    let hash = hash(name)
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != .max {
      if matches(entries[Int(slots[slot])], hash, name) { return NameID(slots[slot]) }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// The integer of a name, or nil if it was never entered.
  public func find(_ name: String) -> NameID? {
    var name = name
    return name.withUTF8 { find($0) }
  }

  /// The text of a name; empty for `.none`.
  public func string(_ id: NameID) -> String {
    withBytes(id) { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes of a name; none for `.none`.
  public func withBytes<R>(_ id: NameID, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    guard !id.isNone else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
    let entry = entries[id.index]
    return bytes.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[Int(entry.start)..<Int(entry.start) + Int(entry.count)]))
    }
  }

  /// The length of a name in bytes.
  public func length(_ id: NameID) -> Int { id.isNone ? 0 : Int(entries[id.index].count) }
}
