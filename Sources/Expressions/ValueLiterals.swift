extension Value: ExpressibleByNilLiteral, ExpressibleByStringInterpolation, ExpressibleByDictionaryLiteral {
  public init(nilLiteral: ()) { self = .null }
  public init(dictionaryLiteral elements: (String, Value)...) {
    self = .object(elements.map { Member(key: $0.0, value: $0.1) })
  }
}
