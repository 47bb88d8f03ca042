extension Schema {
  /// The object types that a value of this type can be.
  func possibleTypes(of type: TypeID) -> [TypeID] {
    kind(type).isAbstract ? self[type].possibleTypes : [type]
  }

  /// The fields of an object type: what a binding by rule needs to know of them.
  public func fields(of type: String) -> [(name: String, isLeaf: Bool)] {
    guard let id = self.type(named: type) else { return [] }
    return self[id].fields.map { (names.string(fields[$0].name), !kind(fields[$0].type.named).isComposite) }
  }

  /// The object types that implement an interface or are members of a union.
  public func possibleTypeNames(of type: String) -> [String] {
    self.type(named: type).map { possibleTypes(of: $0).map { name($0) } } ?? []
  }

  /// A field of an object or interface type.
  public func field(named name: String, of type: TypeID) -> FieldID? {
    names.find(name).flatMap { field(type, $0) }
  }
}
