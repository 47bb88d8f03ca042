// Rounding of floats links against the C library's mathematics.
import Glibc

/// Text of floats as ECMAScript writes them (ECMA-262, Number::toString).
enum JSONNumber {
  /// Appends the text to a buffer.
  static func append(_ number: Double, to output: OutputBuffer) {
    // Between these, Swift lays out its shortest digits as ECMAScript does, but for whole numbers, which end in ".0".
    guard number.magnitude >= 0.001, number.magnitude < 1e15 else { return output.appendRaw(text(number)) }
    var description = number.description
    description.withUTF8 { digits in
      let isWhole = digits.suffix(2).elementsEqual(".0".utf8)
      output.append(UnsafeBufferPointer(rebasing: digits[..<(digits.count - (isWhole ? 2 : 0))]))
    }
  }

  /// The shortest text that reads back as the same float; `null` for NaN and the infinities.
  static func text(_ number: Double) -> String {
    guard number.isFinite else { return "null" }
    if number == 0 { return "0" }
    if let int = Int64(exactly: number), int.magnitude < 1 << 53 { return String(int) }
    // Swift's description has the shortest digits already, only its layout differs.
    var digits = ""
    var exponent = 0
    var point: Int?
    let description = number.magnitude.description
    var scientific = false
    for character in description {
      if character == "e" {
        scientific = true
        continue
      }
      if scientific { break }
      if character == "." { point = digits.count } else { digits.append(character) }
    }
    if scientific, let mark = description.firstIndex(of: "e") {
      exponent = Int(description[description.index(after: mark)...]) ?? 0
    }
    // The value is 0.digits × 10^position.
    var position = (point ?? digits.count) + exponent
    while digits.hasPrefix("0") {
      digits.removeFirst()
      position -= 1
    }
    while digits.hasSuffix("0") { digits.removeLast() }
    let sign = number < 0 ? "-" : ""
    if position > 21 || position < -5 {
      let head = digits.prefix(1)
      let tail = digits.dropFirst()
      let power = position - 1
      return sign + head + (tail.isEmpty ? "" : ".\(tail)") + (power < 0 ? "e-" : "e+") + String(abs(power))
    }
    if position >= digits.count { return sign + digits + String(repeating: "0", count: position - digits.count) }
    if position <= 0 { return sign + "0." + String(repeating: "0", count: -position) + digits }
    return sign + digits.prefix(position) + "." + digits.dropFirst(position)
  }
}
