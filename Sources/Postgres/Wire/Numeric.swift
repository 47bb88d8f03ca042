/// An exact decimal number in Postgres's binary format, as text.
///
/// Source: Postgres `numeric_send`: the number of digits in base 10 000, the weight of the first one, a sign, the
/// number of decimals shown, and the digits.
enum Numeric {
  private static let negative: UInt16 = 0x4000
  private static let notANumber: UInt16 = 0xC000

  /// For example `-12.50`; `NaN` for what is no number.
  static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    func word(_ index: Int) -> UInt16 {
      UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
    }
    let count = Int(word(0))
    let weight = Int(Int16(bitPattern: word(1)))
    let sign = word(2)
    let scale = Int(word(3))
    guard sign == 0 || sign == negative else { return sign == notANumber ? "NaN" : "Infinity" }
    func digit(_ place: Int) -> String {
      let index = weight - place
      let value = index >= 0 && index < count ? Int(word(4 + index)) : 0
      return String(String(value + 10_000).dropFirst())
    }
    var whole = ""
    if weight >= 0 { for place in stride(from: weight, through: 0, by: -1) { whole += digit(place) } }
    whole = String(whole.drop { $0 == "0" })
    var decimals = ""
    var place = -1
    while decimals.utf8.count < scale {
      decimals += digit(place)
      place -= 1
    }
    decimals = String(decimals.prefix(scale))
    return (sign == negative ? "-" : "") + (whole.isEmpty ? "0" : whole) + (scale > 0 ? ".\(decimals)" : "")
  }

  /// The binary format of a plain decimal number such as `-12.50`; nil for any other text.
  static func bytes(_ text: String) -> ContiguousArray<UInt8>? {
    var rest = Substring(text)
    let isNegative = rest.first == "-"
    if isNegative { rest = rest.dropFirst() }
    let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let decimals = parts.count > 1 ? parts[1] : ""
    guard let first = parts.first, !first.isEmpty, parts.count == 1 || !decimals.isEmpty,
      (first + decimals).utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
    else { return nil }
    let whole = String(repeating: "0", count: (4 - first.count % 4) % 4) + first
    let fraction = decimals + String(repeating: "0", count: (4 - decimals.count % 4) % 4)
    var digits = Array((whole + fraction).utf8).map { Int16($0 - UInt8(ascii: "0")) }
    var weight = whole.count / 4 - 1
    var groups: [Int16] = []
    while !digits.isEmpty {
      groups.append(digits.prefix(4).reduce(0) { $0 * 10 + $1 })
      digits.removeFirst(4)
    }
    while groups.first == 0 {
      groups.removeFirst()
      weight -= 1
    }
    while groups.last == 0 { groups.removeLast() }
    guard let count = Int16(exactly: groups.count), let scale = Int16(exactly: decimals.count) else { return nil }
    var bytes = ContiguousArray<UInt8>()
    bytes.append(bigEndian: count)
    bytes.append(bigEndian: Int16(truncatingIfNeeded: groups.isEmpty ? 0 : weight))
    bytes.append(bigEndian: isNegative && !groups.isEmpty ? negative : 0)
    bytes.append(bigEndian: scale)
    for group in groups { bytes.append(bigEndian: group) }
    return bytes
  }
}
