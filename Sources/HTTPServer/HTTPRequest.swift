/// A complete request: its parts are stretches of one buffer.
public struct HTTPRequest: Sendable {
  public enum Method: Hashable, Sendable {
    case get, head, post, put, delete, options, patch, other
  }

  var storage: ContiguousArray<UInt8> = []
  public internal(set) var method = Method.other
  var target: Range<Int> = 0..<0
  var fields: ContiguousArray<(name: Range<Int>, value: Range<Int>)> = []
  var bodyStart = 0
  public internal(set) var keepsAlive = true
  var isHTTP10 = false

  /// The target without its query, as sent; of an absolute target only what stands behind the authority (RFC 9112,
  /// section 3.2.2).
  public var path: String {
    String(decoding: storage[pathRange], as: UTF8.self)
  }

  /// What stands behind the question mark, still encoded; nil without one.
  public var query: String? {
    let end = pathRange.upperBound
    return end < target.upperBound ? String(decoding: storage[(end + 1)..<target.upperBound], as: UTF8.self) : nil
  }

  private var pathRange: Range<Int> {
    let end = storage[target].firstIndex(of: UInt8(ascii: "?")) ?? target.upperBound
    guard let first = storage[target].first, first != UInt8(ascii: "/"), first != UInt8(ascii: "*"),
      let colon = storage[target.lowerBound..<end].firstIndex(of: UInt8(ascii: ":")), colon + 3 <= end
    else { return target.lowerBound..<end }
    // Behind "scheme://".
    let slash = storage[(colon + 3)..<end].firstIndex(of: UInt8(ascii: "/")) ?? end
    return slash..<end
  }

  public var bodyCount: Int { storage.count - bodyStart }

  public func withBody<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try storage.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[bodyStart...])) }
  }

  /// The value of the first field with this name, which is given in lower case.
  public func header(_ name: StaticString) -> String? {
    for field in fields where matches(field.name, name) {
      let value = storage[field.value]
      let end = value.lastIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
      return String(decoding: end.map { value[...$0] } ?? [], as: UTF8.self)
    }
    return nil
  }

  /// The values of all fields with this name, which is given in lower case, as one list: a client may put the elements
  /// of a list into several fields (RFC 9110, section 5.3).
  public func list(_ name: StaticString) -> String? {
    guard count(of: name) > 1 else { return header(name) }
    var values: [String] = []
    for field in fields where matches(field.name, name) {
      values.append(String(decoding: storage[field.value], as: UTF8.self))
    }
    return values.joined(separator: ", ")
  }

  /// Whether the value of the first field with this name begins with a text, in any case. Both are given in lower case.
  public func header(_ name: StaticString, begins text: StaticString) -> Bool {
    guard let field = fields.first(where: { matches($0.name, name) }) else { return false }
    let end = field.value.lowerBound + text.utf8CodeUnitCount
    return end <= field.value.upperBound && matches(field.value.lowerBound..<end, text)
  }

  /// How many fields have this name, which is given in lower case.
  public func count(of name: StaticString) -> Int {
    var count = 0
    for field in fields where matches(field.name, name) { count += 1 }
    return count
  }

  func matches(_ range: Range<Int>, _ name: StaticString) -> Bool {
    guard range.count == name.utf8CodeUnitCount else { return false }
    for index in 0..<range.count {
      let byte = storage[range.lowerBound + index]
      let lower = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
      if lower != name.utf8Start[index] { return false }
    }
    return true
  }
}
