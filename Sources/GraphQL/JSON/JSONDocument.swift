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
    let outcome: Result<ContiguousArray<Element>, Failure> = bytes.withUnsafeBufferPointer { buffer in
      var parser = JSONParser(bytes: buffer, maxDepth: maxDepth)
      do throws(Failure) {
        try parser.parse()
        return .success(parser.tape)
      } catch {
        return .failure(error)
      }
    }
    self.bytes = bytes
    tape = try outcome.get()
  }

  public init(_ text: String, maxDepth: Int = Limits().maxJSONDepth) throws(Failure) {
    try self.init(ContiguousArray(text.utf8), maxDepth: maxDepth)
  }

  /// The value of the whole text.
  public var root: JSONValue { JSONValue(document: self, index: 0) }
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
    guard element.kind == .string else { return nil }
    let escaped = element.hasEscapes
    return withBytes { escaped ? JSONParser.unescape($0) : String(decoding: $0, as: UTF8.self) }
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
    guard element.kind == .object else { return nil }
    var found: JSONValue?
    var next = index + 1
    while next < element.next {
      if JSONValue(document: document, index: next).isString(name) {
        found = JSONValue(document: document, index: next + 1)
      }
      next = Int(document.tape[next + 1].next)
    }
    return found
  }

  private func isString(_ text: String) -> Bool {
    if element.hasEscapes { return string == text }
    var text = text
    return text.withUTF8 { text in withBytes { $0.elementsEqual(text) } }
  }

  /// The element with everything in it. Recursion is bounded by the document's depth limit.
  public var value: Value {
    switch element.kind {
    case .null: return .null
    case .true: return .boolean(true)
    case .false: return .boolean(false)
    case .number:
      if let int { return .int(int) }
      return .float(double ?? 0)
    case .string: return .string(string ?? "")
    case .array: return .list(items.map(\.value))
    case .object:
      var object = ValueObject()
      object.fields.reserveCapacity(4)
      for (name, value) in members { object[name] = value.value }
      return .object(object)
    }
  }
}
