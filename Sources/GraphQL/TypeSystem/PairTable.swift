/// Maps pairs of integers to integers: open addressing, built once, read often.
struct PairTable: Sendable {
  private struct Slot: BitwiseCopyable {
    var first: UInt32 = .max
    var second: UInt32 = .max
    var value: UInt32 = .max
  }

  private var slots: ContiguousArray<Slot>
  private var count = 0

  init(capacity: Int = 16) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = ContiguousArray(repeating: Slot(), count: size)
  }

  @inline(__always)
  private func start(_ first: UInt32, _ second: UInt32) -> Int {
    let mixed = (UInt64(first) << 32 | UInt64(second)) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 32) & (slots.count - 1)
  }

  /// The value of a pair, or nil.
  subscript(first: UInt32, second: UInt32) -> UInt32? {
    get {
      var slot = start(first, second)
      return slots.withUnsafeBufferPointer { slots in
        while slots[slot].value != .max {
          if slots[slot].first == first && slots[slot].second == second { return slots[slot].value }
          slot = (slot + 1) & (slots.count - 1)
        }
        return nil
      }
    }
    set {
      guard let newValue else { return }
      if (count + 1) * 2 > slots.count { grow() }
      var slot = start(first, second)
      while slots[slot].value != .max {
        if slots[slot].first == first && slots[slot].second == second { break }
        slot = (slot + 1) & (slots.count - 1)
      }
      if slots[slot].value == .max { count += 1 }
      slots[slot] = Slot(first: first, second: second, value: newValue)
    }
  }

  private mutating func grow() {
    let old = slots
    slots = ContiguousArray(repeating: Slot(), count: old.count * 2)
    count = 0
    for slot in old where slot.value != .max { self[slot.first, slot.second] = slot.value }
  }
}
