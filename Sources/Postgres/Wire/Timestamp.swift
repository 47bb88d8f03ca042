import Glibc

/// A moment, in microseconds since 1970-01-01 00:00 UTC: Postgres's resolution of `timestamptz`.
public struct Timestamp: Hashable, Sendable, Comparable {
  public let microseconds: Int64

  /// Between the Unix epoch and Postgres's, which is 2000-01-01.
  static let postgresEpoch: Int64 = 946_684_800_000_000

  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The system's clock.
  public static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  public static func < (first: Timestamp, second: Timestamp) -> Bool {
    first.microseconds < second.microseconds
  }

  /// Calls `emit` with the ISO 8601 form in UTC, `2026-11-21T02:58:30.123456+00:00`; a fraction of zero is left
  /// out.
  public func write(_ emit: (UInt8) -> Void) {
    let (days, time) = Self.floorDivide(microseconds, 86_400_000_000)
    let date = CivilDate(days: days)
    func digits(_ value: Int64, _ count: Int) {
      var divisor: Int64 = 1
      for _ in 1..<count { divisor *= 10 }
      while divisor > 0 {
        emit(UInt8(truncatingIfNeeded: value / divisor % 10) + UInt8(ascii: "0"))
        divisor /= 10
      }
    }
    digits(date.year, date.year > 9999 ? 6 : 4)
    emit(UInt8(ascii: "-"))
    digits(date.month, 2)
    emit(UInt8(ascii: "-"))
    digits(date.day, 2)
    emit(UInt8(ascii: "T"))
    digits(time / 3_600_000_000, 2)
    emit(UInt8(ascii: ":"))
    digits(time / 60_000_000 % 60, 2)
    emit(UInt8(ascii: ":"))
    digits(time / 1_000_000 % 60, 2)
    if time % 1_000_000 != 0 {
      emit(UInt8(ascii: "."))
      digits(time % 1_000_000, 6)
    }
    for byte in "+00:00".utf8 { emit(byte) }
  }

  public var text: String {
    var bytes: [UInt8] = []
    write { bytes.append($0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads ISO 8601: a date, or a date and a time with an optional fraction and offset. Without an offset the
  /// time is in UTC. Nil when the text is not such a moment.
  public init?(_ text: some StringProtocol) {
    var scanner = Scanner(Array(text.utf8))
    guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
      let day = scanner.number(2), let days = CivilDate(year: year, month: month, day: day)?.days
    else { return nil }
    var micros: Int64 = 0
    var offset: Int64 = 0
    if scanner.take("T") || scanner.take("t") || scanner.take(" ") {
      guard let hour = scanner.number(2), hour < 24, scanner.take(":"), let minute = scanner.number(2), minute < 60
      else { return nil }
      var second: Int64 = 0
      if scanner.take(":") {
        guard let value = scanner.number(2), value < 60 else { return nil }
        second = value
      }
      micros = ((hour * 60 + minute) * 60 + second) * 1_000_000
      if scanner.take(".") || scanner.take(",") {
        guard let fraction = scanner.fraction() else { return nil }
        micros += fraction
      }
      guard let read = scanner.offset() else { return nil }
      offset = read
    }
    guard scanner.isAtEnd else { return nil }
    microseconds = days * 86_400_000_000 + micros - offset * 60_000_000
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  private struct Scanner {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ character: Character) -> Bool {
      guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
      position += 1
      return true
    }

    mutating func number(_ count: Int) -> Int64? {
      guard position + count <= bytes.count else { return nil }
      var value: Int64 = 0
      for byte in bytes[position..<position + count] {
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        value = value * 10 + Int64(byte - 0x30)
      }
      position += count
      return value
    }

    /// Microseconds; further digits are cut off.
    mutating func fraction() -> Int64? {
      var value: Int64 = 0
      var digits = 0
      while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 {
        if digits < 6 { value = value * 10 + Int64(bytes[position] - 0x30) }
        digits += 1
        position += 1
      }
      guard digits > 0 else { return nil }
      for _ in min(digits, 6)..<6 { value *= 10 }
      return value
    }

    /// Minutes east of UTC.
    mutating func offset() -> Int64? {
      if isAtEnd || take("Z") || take("z") { return 0 }
      let sign: Int64
      if take("+") {
        sign = 1
      } else if take("-") {
        sign = -1
      } else {
        return nil
      }
      guard let hours = number(2), hours < 24 else { return nil }
      _ = take(":")
      let minutes = isAtEnd ? 0 : number(2)
      guard let minutes, minutes < 60 else { return nil }
      return sign * (hours * 60 + minutes)
    }
  }
}

/// A day of the proleptic Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms".
struct CivilDate: Hashable {
  let year: Int64
  let month: Int64
  let day: Int64

  /// Nil when there is no such day.
  init?(year: Int64, month: Int64, day: Int64) {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: [Int64] = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard month >= 1, month <= 12, day >= 1, day <= lengths[Int(month) - 1] else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// - Parameter days: since 1970-01-01.
  init(days: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Since 1970-01-01.
  var days: Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
