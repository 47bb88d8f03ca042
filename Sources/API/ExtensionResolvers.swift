import GraphQL
import Millrace

extension SchemaResolvers {
  /// What modules offer to questions: data sources and format validators.
  static func extensions(_ schema: Schema) -> [String: FieldResolver] {
    [
      "Query.allDataSources": .step(
        OfferSource("allDataSources") { _, context in
          context.service.extensions.dataSources.map { [.text($0.name), context.text($0.source.info)] }
        }),
      "DataSource.name": .property(PropertyID(0)),
      "DataSource.info": .property(PropertyID(1)),
      "Query.dataSource": .step(
        OfferSource("dataSource") { arguments, context in
          try await items(arguments, context).map {
            [.text($0.value), .text($0.label(in: context.language, fallback: context.defaultLanguage))]
          }
        }),
      "DataSourceData.slug": .property(PropertyID(0)),
      "DataSourceData.label": .property(PropertyID(1)),
      "Query.allFormatValidators": .step(
        OfferSource("allFormatValidators") { _, context in
          context.service.extensions.formatValidators.map { validator in
            [
              .text(validator.slug), context.text(validator.name, else: validator.slug),
              validator.regex.map { .text($0) } ?? .null, .texts(validator.allowedQuestionTypes),
            ]
          }
        }),
      "FormatValidator.slug": .property(PropertyID(0)),
      "FormatValidator.name": .property(PropertyID(1)),
      "FormatValidator.regex": .property(PropertyID(2)),
      "FormatValidator.allowedQuestionTypes": .property(PropertyID(3)),
    ]
  }

  /// What the named source offers, or its fallback when it fails.
  private static func items(_ arguments: ValueObject, _ context: APIContext) async throws -> [DataSourceItem] {
    let name = arguments["name"]?.string ?? ""
    guard let source = context.service.extensions.dataSource(name) else {
      throw MillraceError(.notFound, "No data_source found for name: \(name)")
    }
    let given = try arguments["context"]?.string.map { JSON(try JSONDocument($0).root.value) }
    let request = DataSourceRequest(
      user: context.user, question: arguments["question"]?.string, context: given ?? .null,
      database: context.service.extensionContext(deadline: context.deadline))
    return try await source.items(for: request, orFallback: context.logger)
  }
}

extension APIContext {
  /// The text to show of several by language.
  fileprivate func text(_ texts: [String: String], else other: String? = nil) -> ValueBatch.Cell {
    (texts.text(in: language, fallback: defaultLanguage) ?? other).map { .text($0) } ?? .null
  }
}
