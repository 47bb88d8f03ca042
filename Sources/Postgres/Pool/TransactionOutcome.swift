import EventLoop

/// Finds out what became of a transaction whose COMMIT was not answered.
///
/// Source: Postgres' documentation, "Transaction ID and Snapshot Information Functions": `pg_xact_status` is there for
/// applications whose connection is lost while a COMMIT is in progress.
extension Database {
  private static let readStatus: SQL = "select pg_xact_status($1::xid8)"

  // A server that has not noticed the loss of the connection keeps the transaction, and its locks, for as long as the
  // network needs to find out. A COMMIT that is under way is not interrupted by this.
  private static let endBackend: SQL = """
    select pg_terminate_backend(pid) from pg_stat_activity where backend_xid = $1::xid8::xid and pid <> pg_backend_pid()
    """

  /// Whether the transaction with this number was committed.
  ///
  /// - Throws: `outcomeUnknown`, when the database cannot tell until `latest`, on the loop's clock.
  func outcome(of number: String, until latest: UInt64) async throws(PostgresError) -> Bool {
    var key = Parameters()
    key.append(number)
    var pause: UInt64 = 5
    var rounds = 0
    while true {
      do throws(PostgresError) {
        let rows = try await query(Self.readStatus, key, deadline: latest)
        switch rows.isNull(0, 0) ? "" : rows.text(0, 0) {
        case "committed": return true
        case "aborted": return false
        case "in progress":
          rounds += 1
          if rounds == 5 { _ = try await query(Self.endBackend, key, deadline: latest) }
        default:
          throw PostgresError(.outcomeUnknown, "The database does not know the transaction any more.")
        }
      } catch {
        switch error.kind {
        case .outcomeUnknown: throw error
        // "The transaction ID is in the future": the database crashed before it wrote anything of the transaction.
        case .server where error.sqlState == "22023": return false
        default: break
        }
      }
      guard loop.now + pause < latest, (try? await loop.sleep(milliseconds: pause)) != nil else {
        throw PostgresError(.outcomeUnknown, "The connection was lost during COMMIT, and the database cannot be asked.")
      }
      pause = min(pause * 2, 200)
    }
  }
}
