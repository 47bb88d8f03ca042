// Not by nil: the nil of an optional value would become a null.
extension Value: ExpressibleByStringInterpolation, ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, Value)...) {
    self = .object(elements.map { Member(key: $0.0, value: $0.1) })
  }
}
