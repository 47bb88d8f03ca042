import Glibc

/// Takes a `multipart/form-data` body apart, however it comes in pieces. Pure.
///
/// Source: RFC 7578; RFC 2046 section 5.1.
public struct MultipartParser {
  /// What the head of a part says.
  public struct Part: Equatable, Sendable {
    public let name: String
    /// Nil for a part that is no file.
    public let filename: String?
    public let contentType: String?
  }

  public enum Event {
    case begin(Part)
    /// Valid during the call only.
    case content(UnsafeRawBufferPointer)
    case end
  }

  /// What is wrong with a body.
  public enum Failure: Error, Equatable, Sendable {
    case malformed
    case headTooLarge
    case tooManyParts
  }

  private enum State {
    /// Before the first part.
    case preamble
    case content
    /// Behind a delimiter: the end, or a line's end and a part.
    case delimited
    case closing
    case lineEnd
    case head
    /// Behind the last part, where nothing matters.
    case done
  }

  /// Bytes of a part's head.
  private static let maximumHead = 4_096

  /// CR LF and two hyphens before the boundary. A boundary has no CR: no delimiter begins within another.
  private let delimiter: [UInt8]
  private let maximumParts: Int
  private var state = State.preamble
  /// Bytes of the delimiter that have come; a body begins as if a line had ended.
  private var matched = 2
  private var head: [UInt8] = []
  private var parts = 0

  /// Nil for a boundary that RFC 2046 does not have.
  public init?(boundary: String, maximumParts: Int) {
    let bytes = Array(boundary.utf8)
    let isAllowed = bytes.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "'()+_,-./:=? ".utf8.contains(byte)
    }
    guard (1...70).contains(bytes.count), isAllowed, bytes.last != 0x20 else { return nil }
    delimiter = [0x0D, 0x0A, 0x2D, 0x2D] + bytes
    self.maximumParts = maximumParts
  }

  /// The boundary that a `Content-Type` field names.
  public static func boundary(contentType: String) -> String? {
    var rest = Substring(contentType)
    guard let semicolon = rest.firstIndex(of: ";"),
      rest[..<semicolon].trimmed.lowercased() == "multipart/form-data"
    else { return nil }
    rest = rest[rest.index(after: semicolon)...]
    return Parameters.parse(rest)["boundary"]
  }

  /// Whether the last part has ended.
  public var isComplete: Bool { state == .done }

  /// Takes the next bytes and hands out what they hold.
  public mutating func feed<Problem: Error>(
    _ bytes: UnsafeRawBufferPointer, _ take: (Event) throws(Problem) -> Void, failed: (Failure) -> Problem
  ) throws(Problem) {
    var at = 0
    while at < bytes.count {
      switch state {
      case .preamble, .content: try search(bytes, &at, take)
      case .delimited:
        switch bytes[at] {
        case 0x2D: state = .closing
        case 0x0D: state = .lineEnd
        case 0x20, 0x09: break
        default: throw failed(.malformed)
        }
        at += 1
      case .closing:
        guard bytes[at] == 0x2D else { throw failed(.malformed) }
        state = .done
        at += 1
      case .lineEnd:
        guard bytes[at] == 0x0A else { throw failed(.malformed) }
        parts += 1
        guard parts <= maximumParts else { throw failed(.tooManyParts) }
        state = .head
        head.removeAll(keepingCapacity: true)
        at += 1
      case .head:
        head.append(bytes[at])
        at += 1
        if head.suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A] {
          guard let part = Self.part(head) else { throw failed(.malformed) }
          try take(.begin(part))
          state = .content
          matched = 0
        } else if head.count > Self.maximumHead {
          throw failed(.headTooLarge)
        }
      case .done: return
      }
    }
  }

  /// Looks for the delimiter; what comes before it is content.
  private mutating func search<Problem: Error>(
    _ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ take: (Event) throws(Problem) -> Void
  ) throws(Problem) {
    if matched > 0 {
      if bytes[at] == delimiter[matched] {
        matched += 1
        at += 1
        guard matched == delimiter.count else { return }
        matched = 0
        if state == .content { try take(.end) }
        state = .delimited
      } else {
        // Not the delimiter after all.
        let count = matched
        matched = 0
        if state == .content { try give(delimiter, count, take) }
      }
      return
    }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
    let length = rest.baseAddress.flatMap { start in
      memchr(start, 0x0D, rest.count).map { UnsafeRawPointer($0) - start }
    }
    let content = UnsafeRawBufferPointer(rebasing: rest[..<(length ?? rest.count)])
    if state == .content, !content.isEmpty { try take(.content(content)) }
    at += content.count
    if length != nil {
      matched = 1
      at += 1
    }
  }

  private func give<Problem: Error>(
    _ bytes: [UInt8], _ count: Int, _ take: (Event) throws(Problem) -> Void
  ) throws(Problem) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes.prefix(count))
    try take(.content(UnsafeRawBufferPointer(copy)))
  }

  /// Nil without a `Content-Disposition: form-data` that has a name.
  private static func part(_ head: [UInt8]) -> Part? {
    guard let text = String(validating: head, as: UTF8.self) else { return nil }
    var disposition: [String: String]?
    var contentType: String?
    for line in text.split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].trimmed
      switch line[..<colon].lowercased() {
      case "content-disposition":
        let end = value.firstIndex(of: ";") ?? value.endIndex
        guard value[..<end].trimmed.lowercased() == "form-data", disposition == nil else { return nil }
        disposition = Parameters.parse(value[end...].dropFirst())
      case "content-type": contentType = String(value)
      default: break
      }
    }
    guard let name = disposition?["name"] else { return nil }
    return Part(name: name, filename: disposition?["filename"], contentType: contentType)
  }

  /// `name=value; name="value"`, as header fields have them.
  private enum Parameters {
    static func parse(_ text: Substring) -> [String: String] {
      var found: [String: String] = [:]
      var rest = text
      while let equals = rest.firstIndex(of: "=") {
        let name = rest[..<equals].drop { $0 == ";" || $0 == " " || $0 == "\t" }.trimmed.lowercased()
        rest = rest[rest.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
        var value = ""
        if rest.first == "\"" {
          rest = rest.dropFirst()
          while let character = rest.first, character != "\"" {
            rest = rest.dropFirst()
            // Browsers write a quote as %22 and leave a backslash alone; others put a backslash before both.
            if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
              value.append(next)
              rest = rest.dropFirst()
            } else {
              value.append(character)
            }
          }
          rest = rest.drop { $0 != ";" }
        } else {
          let end = rest.firstIndex(of: ";") ?? rest.endIndex
          value = String(rest[..<end].trimmed)
          rest = rest[end...]
        }
        if found[name] == nil { found[name] = value }
      }
      return found
    }
  }
}
