/// Validates an executable document (spec section 5) in one walk. Linear in the document, apart from the bounded check
/// of merged fields.
/// - Parameter budget: ends validation when it is spent; nil for none.
/// - Returns: the errors, none for a valid document, at most `Limits.maxValidationErrors` and one that says so.
public func validate(
  _ schema: Schema, _ document: Document, rules: ValidationRules = .specified, limits: Limits = Limits(),
  suggestions: Bool = true, budget: PlanningBudget? = nil
) -> [GraphQLError] {
  let context = ValidationContext(
    schema: schema, document: document, rules: rules, limits: limits, suggestions: suggestions, budget: budget)
  context.walk()
  return context.errors
}

/// Validates a document that defines a schema, or extends the given one, by itself. The types it makes are checked by
/// `validateSchema`.
public func validateSDL(
  _ document: Document, extending schema: Schema? = nil, rules: ValidationRules = .schemaDocument,
  suggestions: Bool = true
) -> [GraphQLError] {
  let context = ValidationContext(
    schema: schema, document: document, rules: rules, limits: .trusted, suggestions: suggestions)
  context.walk()
  return context.errors
}
