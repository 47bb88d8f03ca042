import Millrace
import Postgres

/// Collects the text and the parameters of one statement. Values only ever travel as parameters; text comes
/// from this module's own constants.
struct StatementBuilder {
  private(set) var text = ""
  private(set) var parameters = Parameters()
  private var count = 0

  mutating func append(_ sql: String) {
    text += sql
  }

  /// Adds a parameter and answers its placeholder.
  mutating func bind(_ append: (inout Parameters) -> Void) -> String {
    append(&parameters)
    count += 1
    return "$\(count)"
  }

  mutating func bind(text value: String) -> String {
    bind { $0.append(value) }
  }

  mutating func bind(texts values: [String]) -> String {
    bind { $0.append(values) }
  }

  mutating func bind(uuid value: UUID128) -> String {
    bind { $0.append(value) }
  }

  mutating func bind(uuids values: [UUID128]) -> String {
    bind { $0.append(values) }
  }

  mutating func bind(timestamp value: Timestamp) -> String {
    bind { $0.append(value) }
  }

  mutating func bind(integer value: Int) -> String {
    bind { $0.append(Int64(value)) }
  }

  mutating func bind(json value: String) -> String {
    bind { $0.append(json: value) }
  }
}

extension StatementBuilder: VisibilityParameters {}
