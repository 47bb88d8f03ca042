/// Checks what stands between the names and values of header fields: a colon and blanks before a value, blanks and
/// one CR LF after it, one more CR LF at the end.
///
/// llhttp 8.1 takes a lone CR for the end of an empty field and joins folded lines. Another server in front may read
/// these differently, which is how requests are smuggled, so both are refused (RFC 9112, sections 2.2 and 5.2).
struct FieldLines: Equatable {
  private enum Place: Equatable {
    case outside, name, colon, value, carriageReturn, newline, lastCarriageReturn, ended, malformed
  }

  private var place = Place.outside

  var isMalformed: Bool { place == .malformed }
  /// Between the first field and the empty line.
  var isWithin: Bool { place != .outside && place != .ended && place != .malformed }
  /// No field began, or the empty line was there.
  var isComplete: Bool { place == .outside || place == .ended }

  /// Bytes of a name, which may come in parts. Answers whether a field begins with them.
  mutating func name() -> Bool {
    switch place {
    // After the end: trailer fields of a chunked body.
    case .outside, .newline, .ended:
      place = .name
      return true
    case .name:
      return false
    default:
      place = .malformed
      return false
    }
  }

  /// Bytes of a value, which may come in parts. Answers whether they are the first.
  mutating func value() -> Bool {
    let isNew = place == .colon
    place = isNew || place == .value ? .value : .malformed
    return isNew
  }

  /// Bytes that belong to neither.
  mutating func gap(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes {
      guard isWithin else { return }
      place = after(byte)
    }
  }

  private func after(_ byte: UInt8) -> Place {
    let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    return switch (place, byte) {
    case (.name, UInt8(ascii: ":")): .colon
    case (.colon, _) where isBlank: .colon
    case (.value, _) where isBlank: .value
    case (.colon, 13), (.value, 13): .carriageReturn
    case (.carriageReturn, 10): .newline
    case (.newline, 13): .lastCarriageReturn
    case (.lastCarriageReturn, 10): .ended
    default: .malformed
    }
  }
}
