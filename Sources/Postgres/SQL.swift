/// The text of a statement. Each connection prepares it once and knows it by this text.
public struct SQL: Hashable, Sendable, ExpressibleByStringLiteral {
  public let text: String

  public init(_ text: String) {
    self.text = text
  }

  public init(stringLiteral text: String) {
    self.text = text
  }
}
