/// A complete request: its parts are stretches of one buffer. Handed from hand to hand for as long as it takes to answer
/// it, which costs less than copies.
public final class HTTPRequest: @unchecked Sendable {  // written by its parser alone, before it is handed on
  public enum Method: Hashable, Sendable {
    case get, head, post, put, delete, options, patch, other
  }

  var storage: ContiguousArray<UInt8> = []
  public internal(set) var method = Method.other
  var target: Range<Int> = 0..<0
  var fields: ContiguousArray<(name: Range<Int>, value: Range<Int>)> = []
  /// The marks of all names of fields, see `mark(of:_:)`.
  @usableFromInline
  private(set) var marks: UInt64 = 0
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

  public func withBody<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try storage.withUnsafeBufferPointer { bytes throws(Failure) in
      try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[bodyStart...]))
    }
  }

  // MARK: Fields

  /// The value of the first field with this name, which is given in lower case.
  @inlinable @inline(__always)
  public func header(_ name: StaticString) -> String? {
    mayHave(name) ? value(of: name) : nil
  }

  /// The values of all fields with this name, which is given in lower case, as one list: a client may put the elements
  /// of a list into several fields (RFC 9110, section 5.3).
  @inlinable @inline(__always)
  public func list(_ name: StaticString) -> String? {
    mayHave(name) ? values(of: name) : nil
  }

  /// Whether the value of the first field with this name begins with a text, in any case. Both are given in lower case.
  @inlinable @inline(__always)
  public func header(_ name: StaticString, begins text: StaticString) -> Bool {
    mayHave(name) && value(of: name, begins: text)
  }

  /// How many fields have this name, which is given in lower case.
  @inlinable @inline(__always)
  public func count(of name: StaticString) -> Int {
    mayHave(name) ? countFields(name) : 0
  }

  /// False when no field has this name. Most of the names that are looked for are not there, and the compiler knows their
  /// marks.
  @inlinable @inline(__always)
  func mayHave(_ name: StaticString) -> Bool {
    marks & HTTPRequest.mark(of: name.utf8Start, name.utf8CodeUnitCount) != 0
  }

  /// One of 64 bits for a name in any case, told by its ends and its length.
  @inlinable @inline(__always)
  static func mark(of name: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    guard count > 0 else { return 0 }
    // The bit that differs between a small letter and a capital one is left out.
    let ends = (name[0] & 0x1F) &+ (name[count - 1] & 0x1F) &* 3
    return 1 &<< UInt64((ends &+ UInt8(truncatingIfNeeded: count) &* 5) & 63)
  }

  @usableFromInline
  func value(of name: StaticString) -> String? {
    guard let field = first(name) else { return nil }
    return storage.withUnsafeBufferPointer { storage in
      var value = storage[field.value]
      while let last = value.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { value.removeLast() }
      return String(decoding: value, as: UTF8.self)
    }
  }

  @usableFromInline
  func values(of name: StaticString) -> String? {
    guard countFields(name) > 1 else { return value(of: name) }
    return storage.withUnsafeBufferPointer { storage in
      fields.lazy.filter { Self.matches(storage, $0.name, name) }
        .map { String(decoding: storage[$0.value], as: UTF8.self) }.joined(separator: ", ")
    }
  }

  @usableFromInline
  func value(of name: StaticString, begins text: StaticString) -> Bool {
    guard let field = first(name) else { return false }
    let end = field.value.lowerBound + text.utf8CodeUnitCount
    return end <= field.value.upperBound
      && storage.withUnsafeBufferPointer { Self.matches($0, field.value.lowerBound..<end, text) }
  }

  @usableFromInline
  func countFields(_ name: StaticString) -> Int {
    storage.withUnsafeBufferPointer { storage in
      var count = 0
      for field in fields where Self.matches(storage, field.name, name) { count += 1 }
      return count
    }
  }

  private func first(_ name: StaticString) -> (name: Range<Int>, value: Range<Int>)? {
    storage.withUnsafeBufferPointer { storage in
      fields.withUnsafeBufferPointer { fields in
        for field in fields where Self.matches(storage, field.name, name) { return field }
        return nil
      }
    }
  }

  private static func matches(
    _ storage: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ text: StaticString
  ) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    // The bit makes a letter small. It makes the characters of names out of control characters as well, which no field
    // contains.
    var difference: UInt8 = 0
    for index in 0..<range.count {
      difference |= (storage[range.lowerBound &+ index] | 0x20) ^ text.utf8Start[index]
    }
    return difference == 0
  }

  // MARK: For the parser

  init() {
    // What most requests need; without it, every field would make the storage grow.
    storage.reserveCapacity(512)
    fields.reserveCapacity(8)
  }

  /// Makes it a request of which nothing is known yet, in the same memory. Answers false where that is more than most
  /// requests need: a connection that waits is not to hold it.
  func reset() -> Bool {
    guard isSmall else { return false }
    storage.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
    marks = 0
    method = .other
    target = 0..<0
    bodyStart = 0
    keepsAlive = true
    isHTTP10 = false
    return true
  }

  var isSmall: Bool { storage.capacity <= 4_096 && fields.capacity <= 64 }

  /// Takes a part of a field's name; answers false where no field has begun.
  func takeName(_ range: Range<Int>, isNew: Bool) -> Bool {
    if isNew {
      fields.append((range, range.upperBound..<range.upperBound))
      return true
    }
    guard !fields.isEmpty else { return false }
    let index = fields.count - 1
    fields[index].name = fields[index].name.lowerBound..<range.upperBound
    return true
  }

  /// Takes a part of the last field's value.
  func takeValue(_ range: Range<Int>, isNew: Bool) -> Bool {
    guard !fields.isEmpty else { return false }
    let index = fields.count - 1
    fields[index].value = (isNew ? range.lowerBound : fields[index].value.lowerBound)..<range.upperBound
    return true
  }

  /// To be called once all fields are there, before one is looked for.
  func markNames() {
    marks = storage.withUnsafeBufferPointer { storage in
      guard let start = storage.baseAddress else { return 0 }
      return fields.reduce(0) { $0 | Self.mark(of: start + $1.name.lowerBound, $1.name.count) }
    }
  }
}
