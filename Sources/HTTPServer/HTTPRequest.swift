/// A complete request: its parts are stretches of one buffer.
public struct HTTPRequest {
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

  /// The target without its query, as sent.
  public var path: String {
    String(decoding: storage[target].prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
  }

  /// What stands behind the question mark, still encoded; nil without one.
  public var query: String? {
    guard let mark = storage[target].firstIndex(of: UInt8(ascii: "?")) else { return nil }
    return String(decoding: storage[(mark + 1)..<target.upperBound], as: UTF8.self)
  }

  public var bodyCount: Int { storage.count - bodyStart }

  public func withBody<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try storage.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[bodyStart...])) }
  }

  /// The value of the first field with this name, which is given in lower case.
  public func header(_ name: StaticString) -> String? {
    for field in fields where matches(field.name, name) {
      return String(decoding: storage[field.value], as: UTF8.self)
    }
    return nil
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
