/// A place in a connection: the number of a row in the whole list, written so that clients treat it as opaque.
///
/// The form is the one of graphql-relay's array connections, which existing clients have stored.
public struct Cursor: Equatable, Sendable {
  private static let prefix = Array("arrayconnection:".utf8)

  public let offset: Int

  public init(offset: Int) {
    self.offset = offset
  }

  /// Nil when the text is not a cursor.
  public init?(_ text: String) {
    guard let bytes = Base64.decode(text.utf8), bytes.starts(with: Self.prefix) else { return nil }
    guard let offset = Int(String(decoding: bytes.dropFirst(Self.prefix.count), as: UTF8.self)), offset >= 0
    else { return nil }
    self.offset = offset
  }

  /// Appends the cursor as a JSON string.
  func write(into output: OutputBuffer) {
    output.appendByte(UInt8(ascii: "\""))
    var text = Self.prefix
    text.append(contentsOf: String(offset).utf8)
    Base64.encode(text) { output.appendByte($0) }
    output.appendByte(UInt8(ascii: "\""))
  }
}
