/// Not in the specification: reports uses of deprecated definitions, for tools that check a frontend's documents.
extension ValidationContext {
  func noDeprecatedField(_ id: NodeID, _ field: FieldID, _ parent: TypeID) {
    guard isOn(.noDeprecated), let schema, let reason = schema[field].deprecationReason else { return }
    report("The field \(schema.name(parent)).\(name(id)) is deprecated. \(reason)", id)
  }

  func noDeprecatedArgument(_ id: NodeID, _ argument: InputValueID, _ owner: @autoclosure () -> String) {
    guard isOn(.noDeprecated), let schema, let reason = schema[argument].deprecationReason else { return }
    report("The argument \"\(owner())(\(name(id)):)\" is deprecated. \(reason)", id)
  }

  func noDeprecatedInputField(_ id: NodeID, _ field: InputValueID, _ type: TypeID) {
    guard isOn(.noDeprecated), let schema, let reason = schema[field].deprecationReason else { return }
    report("The input field \(schema.name(type)).\(name(id)) is deprecated. \(reason)", id)
  }

  func noDeprecatedEnumValue(_ id: NodeID, _ type: TypeReference?) {
    guard isOn(.noDeprecated), let schema, let type,
      let value = schema.enumValue(type.named, schemaName(document[id].name)),
      let reason = schema.enumValues[value].deprecationReason
    else { return }
    report("The enum value \"\(schema.name(type.named)).\(name(id))\" is deprecated. \(reason)", id)
  }
}
