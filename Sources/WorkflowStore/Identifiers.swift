import Glibc
import Postgres
import Synchronization
import WorkflowEngine

extension EntityID {
  public init(_ uuid: UUID128) {
    self.init(high: uuid.high, low: uuid.low)
  }

  public var uuid: UUID128 { UUID128(high: high, low: low) }
}

/// Makes the ids of a family's rows: UUID version 7 with the family's bucket in it.
///
/// Source: RFC 9562 section 5.7. The 12 bits behind the version count within a millisecond, so that ids made one
/// after the other sort in that order; of the 62 random bits the first 14 are the family's bucket, which lets a
/// family be placed by any of its ids.
public struct FamilyIdentifiers: EntityIDGenerator {
  private var last: UInt64 = 0
  private let bucket: UInt64

  /// For a new family, which gets a bucket by chance.
  public init() {
    bucket = RandomStock.next() >> 50
  }

  public init(family: EntityID) {
    bucket = family.low >> 48 & 0x3FFF
  }

  public mutating func next() -> EntityID {
    let microseconds = UInt64(Timestamp.now().microseconds)
    // Milliseconds, and the rest of the millisecond in 12 bits.
    let clock = (microseconds / 1_000) << 12 | ((microseconds % 1_000) << 12) / 1_000
    last = max(clock, last + 1)
    let high = (last >> 12) << 16 | 7 << 12 | (last & 0xFFF)
    let low = 2 << 62 | bucket << 48 | RandomStock.next() >> 16
    return EntityID(high: high, low: low)
  }
}

/// Random numbers of the kernel, fetched 64 at a time: each fetch is a call of the system, and every row needs one.
private enum RandomStock {
  private static let size = 64
  private static let numbers = Mutex<[UInt64]>([])

  static func next() -> UInt64 {
    numbers.withLock { numbers in
      if numbers.isEmpty {
        // One call gives 256 bytes at most; should it ever fail, the slower way serves.
        numbers = [UInt64](repeating: 0, count: size)
        for begin in stride(from: 0, to: size, by: 32) {
          let isFilled = numbers.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { getentropy($0 + begin * 8, 256) } == 0
          }
          if !isFilled { for place in begin..<begin + 32 { numbers[place] = .random(in: .min ... .max) } }
        }
      }
      return numbers.removeLast()
    }
  }
}
