import Logging

/// One choice that a data source offers.
public struct DataSourceItem: Sendable, Equatable {
  public var value: String
  /// From language to text; a single text under "" is for all languages.
  public var label: [String: String]

  public init(_ value: String, label: String? = nil) {
    self.value = value
    self.label = ["": label ?? value]
  }

  public init(_ value: String, label: [String: String]) {
    self.value = value
    self.label = label
  }

  /// The label in a language, else in the fallback one, else the value.
  public func label(in language: String, fallback: String) -> String {
    label.text(in: language, fallback: fallback) ?? value
  }
}

/// Whom and what a data source is asked for.
public struct DataSourceRequest: Sendable {
  public let user: User
  /// The slug of the question; nil when the query names none.
  public let question: String?
  /// The client's context, parsed; null without one.
  public let context: JSON
  public let database: ExtensionContext

  package init(user: User, question: String?, context: JSON, database: ExtensionContext) {
    self.user = user
    self.question = question
    self.context = context
    self.database = database
  }
}

/// Choices that come from elsewhere.
public protocol DataSource: Sendable {
  /// What the source offers, from language to text; "" is for all languages.
  var info: [String: String] { get }
  /// What is offered when `items` fails; nil lets the failure be seen.
  var fallback: [DataSourceItem]? { get }

  func items(for request: DataSourceRequest) async throws -> [DataSourceItem]

  /// Whether an answer's value may be stored: its label, or nil to refuse it. By default what `items` has.
  func label(of value: String, for request: DataSourceRequest, language: String) async throws -> String?

  /// What becomes of an answer whose document is copied: the same item keeps it, another one rewrites it, nil
  /// drops it. Keeps it by default.
  func copy(_ item: DataSourceItem) async throws -> DataSourceItem?
}

extension DataSource {
  public var info: [String: String] { [:] }
  public var fallback: [DataSourceItem]? { nil }

  public func label(of value: String, for request: DataSourceRequest, language: String) async throws -> String? {
    try await items(for: request).first { $0.value == value }?.label(in: language, fallback: "en")
  }

  public func copy(_ item: DataSourceItem) async throws -> DataSourceItem? { item }
}

extension DataSource {
  /// What is offered, or the fallback if there is one when that fails; the failure is logged.
  package func items(for request: DataSourceRequest, orFallback logger: Logger) async throws -> [DataSourceItem] {
    do {
      return try await items(for: request)
    } catch {
      guard let fallback else { throw error }
      logger.error("A data source failed.", metadata: ["source": "\(type(of: self))", "error": "\(error)"])
      return fallback
    }
  }
}
