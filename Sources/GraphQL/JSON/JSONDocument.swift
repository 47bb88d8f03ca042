/// A parsed JSON text: a flat tape of its elements, each with its bytes; strings and numbers are decoded when asked for
/// (RFC 8259).
public struct JSONDocument: Sendable {
  /// What an element is.
  public enum Kind: UInt8, Sendable, BitwiseCopyable {
    case null, `true`, `false`, number, string, array, object
  }

  struct Element: BitwiseCopyable {
    var kind: Kind
    var hasEscapes: Bool
    /// Bytes of the element; of a string without its quotes.
    var start: UInt32
    var end: UInt32
    /// Index after the element's last descendant.
    var next: UInt32
  }

  /// Why a text was refused.
  public struct Failure: Error, Sendable, Equatable {
    /// What is wrong, without the place.
    let problem: String
    /// Offset in bytes.
    public let offset: Int
    /// Whether it is nothing else than nested too deeply.
    public var isTooDeep = false

    /// What is wrong and where: `unexpected end at byte 3`.
    public var reason: String { "\(problem) at byte \(offset)" }
    /// A sentence of its own, for the client.
    public var message: String { "Invalid JSON: \(reason)." }
  }

  public let bytes: ContiguousArray<UInt8>
  let tape: ContiguousArray<Element>

  /// Parses a text.
  /// - Parameters:
  ///   - maxDepth: deepest nesting of arrays and objects.
  ///   - maxBytes: longest text.
  /// - Throws: `Failure` for anything that is not one JSON value, not UTF-8 or beyond a limit.
  public init(
    _ bytes: ContiguousArray<UInt8>, maxDepth: Int = Limits().maxJSONDepth, maxBytes: Int = 1 << 30
  ) throws(Failure) {
    guard bytes.count <= maxBytes else {
      throw Failure(problem: "more than \(maxBytes) bytes", offset: maxBytes)
    }
    tape = try bytes.withUnsafeBufferPointer { buffer throws(Failure) in
      try JSONParser.parse(buffer, maxDepth: maxDepth)
    }
    self.bytes = bytes
  }

  public init(_ text: String, maxDepth: Int = Limits().maxJSONDepth) throws(Failure) {
    try self.init(ContiguousArray(text.utf8), maxDepth: maxDepth)
  }

  /// The value of the whole text.
  public var root: JSONValue { JSONValue(document: self, index: 0) }

  /// Reads elements without a copy of the document for each.
  fileprivate func withTape<Result>(_ body: (JSONTape) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { bytes in
      tape.withUnsafeBufferPointer { body(JSONTape(bytes: bytes, elements: $0)) }
    }
  }
}

/// The elements of a text, for as long as both are borrowed.
private struct JSONTape {
  let bytes: UnsafeBufferPointer<UInt8>
  let elements: UnsafeBufferPointer<JSONDocument.Element>

  private func text(of element: JSONDocument.Element) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[Int(element.start)..<Int(element.end)])
  }

  func string(_ element: JSONDocument.Element) -> String {
    let text = text(of: element)
    return element.hasEscapes ? JSONParser.unescape(text) : String(decoding: text, as: UTF8.self)
  }

  func utf8(_ element: JSONDocument.Element) -> ContiguousArray<UInt8> {
    let text = text(of: element)
    return element.hasEscapes ? ContiguousArray(JSONParser.unescape(text).utf8) : ContiguousArray(text)
  }

  /// Where the last member of that name stands.
  func member(_ name: UnsafeBufferPointer<UInt8>, of object: Int) -> Int? {
    var found: Int?
    var next = object + 1
    while next < elements[object].next {
      let key = elements[next]
      let isSame = key.hasEscapes ? string(key).utf8.elementsEqual(name) : text(of: key).isSame(as: name)
      if isSame { found = next + 1 }
      next = Int(elements[next + 1].next)
    }
    return found
  }

  /// An element with everything in it. Recursion is bounded by the limit that the text was parsed with.
  func value(at index: Int) -> Value {
    let element = elements[index]
    switch element.kind {
    case .null: return .null
    case .true: return .boolean(true)
    case .false: return .boolean(false)
    case .number:
      let text = string(element)
      return Int64(text).map { .int($0) } ?? .float(Double(text) ?? 0)
    case .string: return .string(string(element))
    case .array:
      var items: [Value] = []
      var next = index + 1
      while next < element.next {
        items.append(value(at: next))
        next = Int(elements[next].next)
      }
      return .list(items)
    case .object:
      var object = ValueObject()
      object.fields.reserveCapacity(4)
      var next = index + 1
      while next < element.next {
        object[string(elements[next])] = value(at: next + 1)
        next = Int(elements[next + 1].next)
      }
      return .object(object)
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate func isSame(as other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in 0..<count where self[index] != other[index] { return false }
    return true
  }
}

/// One element of a JSON document.
public struct JSONValue: Sendable {
  let document: JSONDocument
  let index: Int

  private var element: JSONDocument.Element { document.tape[index] }

  public var kind: JSONDocument.Kind { element.kind }
  public var isNull: Bool { element.kind == .null }
  /// Where the element begins in the text, in bytes; of a string behind its quote.
  public var offset: Int { Int(element.start) }

  /// The Boolean, or nil.
  public var boolean: Bool? {
    switch element.kind {
    case .true: true
    case .false: false
    default: nil
    }
  }

  /// The bytes of the element as they stand in the text; of a string without quotes, escapes unresolved.
  public func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    let element = element
    return document.bytes.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[Int(element.start)..<Int(element.end)]))
    }
  }

  /// The text of a string, or nil.
  public var string: String? {
    let element = element
    return element.kind == .string ? document.withTape { $0.string(element) } : nil
  }

  /// The text of a string as UTF-8, or nil.
  public var utf8: ContiguousArray<UInt8>? {
    let element = element
    return element.kind == .string ? document.withTape { $0.utf8(element) } : nil
  }

  /// The number as an integer, if it is written as one and fits.
  public var int: Int64? {
    guard element.kind == .number else { return nil }
    return withBytes { Int64(String(decoding: $0, as: UTF8.self)) }
  }

  /// The number as a float, or nil.
  public var double: Double? {
    guard element.kind == .number else { return nil }
    return withBytes { Double(String(decoding: $0, as: UTF8.self)) }
  }

  /// The items of an array; none for other kinds.
  public var items: [JSONValue] {
    guard element.kind == .array else { return [] }
    var result: [JSONValue] = []
    var next = index + 1
    while next < element.next {
      result.append(JSONValue(document: document, index: next))
      next = Int(document.tape[next].next)
    }
    return result
  }

  /// The members of an object in order; none for other kinds.
  public var members: [(name: String, value: JSONValue)] {
    guard element.kind == .object else { return [] }
    var result: [(name: String, value: JSONValue)] = []
    var next = index + 1
    while next < element.next {
      result.append(
        (JSONValue(document: document, index: next).string ?? "", JSONValue(document: document, index: next + 1)))
      next = Int(document.tape[next + 1].next)
    }
    return result
  }

  /// The last member of that name of an object, or nil.
  public subscript(name: String) -> JSONValue? {
    var name = name
    return name.withUTF8 { member($0) }
  }

  /// The same with a name that is known when the program is compiled.
  public subscript(name: StaticString) -> JSONValue? {
    member(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }

  private func member(_ name: UnsafeBufferPointer<UInt8>) -> JSONValue? {
    guard element.kind == .object, let found = document.withTape({ $0.member(name, of: index) }) else { return nil }
    return JSONValue(document: document, index: found)
  }

  /// The element with everything in it.
  public var value: Value { document.withTape { $0.value(at: index) } }
}
