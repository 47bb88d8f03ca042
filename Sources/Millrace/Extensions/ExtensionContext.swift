import Logging
import Postgres

/// What an extension may use while it runs: valid until it returns.
public struct ExtensionContext: @unchecked Sendable {  // used on the loop's thread, within the extension's call
  public let logger: Logger
  private let run: (SQL, Parameters) async throws -> Rows

  package init(logger: Logger, run: @escaping (SQL, Parameters) async throws -> Rows) {
    self.logger = logger
    self.run = run
  }

  /// Runs a statement: in the mutation's transaction where there is one, else as a query of its own.
  public func query(_ sql: SQL, _ parameters: Parameters = Parameters()) async throws -> Rows {
    try await run(sql, parameters)
  }
}
