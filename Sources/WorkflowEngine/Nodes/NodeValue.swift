/// What an expression gives, in a form that the engine can use.
public struct NodeValue: Hashable, Sendable {
  /// Whether the language takes the value for true.
  public var isTrue: Bool
  /// The value as a whole number.
  public var number: Int64?
  /// A text; of a list nil.
  public var text: String?
  /// The texts of a list; of a text the list of it, of null none.
  public var texts: [String]
  /// The elements of a list as JSON texts; nil for anything else.
  public var elements: [String]?
  /// JSON text.
  public var json: String

  public init(
    isTrue: Bool, number: Int64? = nil, text: String? = nil, texts: [String] = [], elements: [String]? = nil,
    json: String
  ) {
    self.isTrue = isTrue
    self.number = number
    self.text = text
    self.texts = texts
    self.elements = elements
    self.json = json
  }
}
