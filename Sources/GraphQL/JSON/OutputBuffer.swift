/// A growable buffer of bytes that JSON is written to. Confined to one loop; reuse it with `truncate(to: 0)`.
public final class OutputBuffer {
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// Bytes written.
  public private(set) var count = 0

  public init(capacity: Int = 4096) {
    self.capacity = max(capacity, 64)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  /// The bytes written. The pointer is valid until the next write.
  public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  /// The bytes written, as text.
  public var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Drops everything after a position taken from `count` earlier: null propagation undoes what it has written.
  public func truncate(to position: Int) {
    precondition(position <= count)
    count = position
  }

  /// Makes room for bytes to come.
  @inline(__always)
  public func reserve(_ bytes: Int) {
    if count + bytes > capacity { grow(bytes) }
  }

  @inline(never)
  private func grow(_ bytes: Int) {
    let larger = max(capacity * 2, count + bytes)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    moved.update(from: base, count: count)
    base.deallocate()
    base = moved
    capacity = larger
  }

  @inline(__always)
  public func appendByte(_ byte: UInt8) {
    reserve(1)
    base[count] = byte
    count += 1
  }

  @inline(__always)
  public func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    (base + count).update(from: start, count: bytes.count)
    count += bytes.count
  }

  public func append(_ bytes: ContiguousArray<UInt8>) {
    bytes.withUnsafeBufferPointer { append($0) }
  }

  @inline(__always)
  public func append(_ text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends text as it is, without quotes.
  public func appendRaw(_ text: String) {
    var text = text
    text.withUTF8 { append($0) }
  }

  /// Appends `null`.
  public func appendNull() { append("null") }

  public func append(_ flag: Bool) { if flag { append("true") } else { append("false") } }

  /// Appends an integer in decimal.
  public func append(_ number: Int64) {
    reserve(20)
    if number < 0 {
      base[count] = 0x2D
      count += 1
    }
    var magnitude = number.magnitude
    var length = 1
    var rest = magnitude
    while rest >= 10 {
      rest /= 10
      length += 1
    }
    var index = count + length
    repeat {
      index -= 1
      base[index] = 0x30 + UInt8(truncatingIfNeeded: magnitude % 10)
      magnitude /= 10
    } while magnitude > 0
    count += length
  }

  /// Appends a float in its shortest form that reads back the same, written as ECMAScript writes numbers. NaN and the
  /// infinities, which JSON does not have, become `null`.
  public func append(_ number: Double) {
    JSONNumber.append(number, to: self)
  }

  /// Appends a quoted string with escapes.
  public func appendString(_ text: String) {
    var text = text
    text.withUTF8 { appendString($0) }
  }

  /// Appends a quoted string with escapes, given as UTF-8.
  public func appendString(_ text: UnsafeBufferPointer<UInt8>) {
    reserve(text.count + 2)
    base[count] = 0x22
    count += 1
    var run = 0
    for index in 0..<text.count {
      let byte = text[index]
      if byte >= 0x20 && byte != 0x22 && byte != 0x5C { continue }
      append(UnsafeBufferPointer(rebasing: text[run..<index]))
      appendEscape(byte)
      run = index + 1
    }
    append(UnsafeBufferPointer(rebasing: text[run...]))
    appendByte(0x22)
  }

  private func appendEscape(_ byte: UInt8) {
    reserve(6)
    switch byte {
    case 0x22: append("\\\"")
    case 0x5C: append("\\\\")
    case 0x0A: append("\\n")
    case 0x0D: append("\\r")
    case 0x09: append("\\t")
    case 0x08: append("\\b")
    case 0x0C: append("\\f")
    default:
      append("\\u00")
      appendByte(0x30 + byte >> 4)
      appendByte(byte & 15 < 10 ? 0x30 + byte & 15 : 0x57 + byte & 15)
    }
  }

  /// Appends a value as JSON. Recursion is as deep as the value, which the parsers bound.
  public func append(_ value: Value) {
    switch value {
    case .null: appendNull()
    case .boolean(let flag): append(flag)
    case .int(let number): append(number)
    case .float(let number): append(number)
    case .string(let text), .enumValue(let text): appendString(text)
    case .list(let items):
      appendByte(0x5B)
      for (index, item) in items.enumerated() {
        if index > 0 { appendByte(0x2C) }
        append(item)
      }
      appendByte(0x5D)
    case .object(let object):
      appendByte(0x7B)
      for (index, field) in object.fields.enumerated() {
        if index > 0 { appendByte(0x2C) }
        appendString(field.name)
        appendByte(0x3A)
        append(field.value)
      }
      appendByte(0x7D)
    }
  }

  /// Appends an error in the response format (spec section 7.1.2).
  public func append(_ error: GraphQLError) {
    append("{\"message\":")
    appendString(error.message)
    if !error.locations.isEmpty {
      append(",\"locations\":[")
      for (index, location) in error.locations.enumerated() {
        if index > 0 { appendByte(0x2C) }
        append("{\"line\":")
        append(Int64(location.line))
        append(",\"column\":")
        append(Int64(location.column))
        appendByte(0x7D)
      }
      appendByte(0x5D)
    }
    if !error.path.isEmpty {
      append(",\"path\":[")
      for (index, segment) in error.path.enumerated() {
        if index > 0 { appendByte(0x2C) }
        switch segment {
        case .key(let name): appendString(name)
        case .index(let number): append(Int64(number))
        }
      }
      appendByte(0x5D)
    }
    if let code = error.code {
      append(",\"extensions\":{\"code\":")
      appendString(code)
      appendByte(0x7D)
    }
    appendByte(0x7D)
  }
}
