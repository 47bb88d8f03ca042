extension ValidationContext {
  /// Values of Correct Type, Input Object Field Names and Input Object Required Fields (spec sections 5.6.1, 5.6.2,
  /// 5.6.4).
  func valuesOfCorrectType(_ id: NodeID, _ type: TypeReference?) {
    guard isOn(.valuesOfCorrectType), let schema, let type, document[id].kind != .variable else { return }
    var validation = InputValidation(
      schema: schema, suggestions: suggestions, maxErrors: max(limits.maxValidationErrors - errors.count, 0))
    validation.validate(document, id, type)
    for error in validation.errors { report(error.message, error.node) }
  }
}
