extension ContiguousArray<UInt8> {
  mutating func append(text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends the end of a line, a name and a value.
  mutating func append(field name: String, _ value: String) {
    var (name, value) = (name, value)
    name.withUTF8 { name in
      value.withUTF8 { value in
        // One piece: growing by four small ones costs four times as much.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: name.count + value.count + 4) { line in
          line[0] = UInt8(ascii: "\r")
          line[1] = UInt8(ascii: "\n")
          var end = line[2...].update(fromContentsOf: name)
          line[end] = UInt8(ascii: ":")
          line[end + 1] = UInt8(ascii: " ")
          end = line[(end + 2)...].update(fromContentsOf: value)
          append(contentsOf: UnsafeBufferPointer(rebasing: line[..<end]))
        }
      }
    }
  }

  mutating func append(decimal value: Int) {
    if value >= 10 { append(decimal: value / 10) }
    append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
  }

  mutating func append(hexadecimal value: Int) {
    if value >= 16 { append(hexadecimal: value / 16) }
    let digit = UInt8(truncatingIfNeeded: value & 15)
    append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
  }
}
