import Postgres

/// Names a request that has to be carried out once, however often it comes.
public struct IdempotencyKey: Hashable, Sendable {
  /// The user; empty for an anonymous one.
  public let caller: String
  public let key: String
  /// Digest of the request.
  public let fingerprint: String

  public init(caller: String, key: String, fingerprint: String) {
    self.caller = caller
    self.key = key
    self.fingerprint = fingerprint
  }
}

/// One mutation field of such a request.
public struct MutationMark: Hashable, Sendable {
  public let key: IdempotencyKey
  /// The field's place among the mutations of the request.
  public let field: Int32

  public init(key: IdempotencyKey, field: Int32) {
    self.key = key
    self.field = field
  }

  /// For one of several transactions that the field is carried out in.
  ///
  /// - Parameter name: the same in every repetition, and in no other part.
  public func part(_ name: String) -> MutationMark {
    MutationMark(
      key: IdempotencyKey(caller: key.caller, key: "\(key.key)\n\(name)", fingerprint: key.fingerprint), field: field)
  }
}

/// Remembers what requests with an idempotency key have done.
public enum IdempotencyStore {
  // MARK: Fields

  /// The key came with another request before.
  public struct KeyReused: Error {
    public init() {}
  }

  /// A field's row, which this transaction has written or another one before.
  public struct Claim {
    fileprivate let mark: MutationMark
    fileprivate let inserted: PendingRows
    fileprivate let found: PendingRows

    /// What the field did before; nil when this transaction is the first.
    ///
    /// - Throws: `KeyReused`, or a database error.
    public func stored() async throws -> String? {
      let isOwn = try await inserted.rows().commandTag == "INSERT 0 1"
      guard !isOwn else { return nil }
      let rows = try await found.rows()
      guard rows.count == 1 else { return nil }
      guard rows.text(0, 0) == mark.key.fingerprint else { throw KeyReused() }
      return rows.isNull(0, 1) ? "" : rows.text(0, 1)
    }

    /// Notes what the field did; sent without waiting.
    public func record(_ outcome: String, in transaction: Transaction) {
      var parameters = IdempotencyStore.parameters(mark)
      parameters.append(outcome)
      transaction.send(IdempotencyStore.recordOutcome, parameters)
    }
  }

  // Waits where another transaction has written the row and is not through: it does nothing when that one commits, and
  // inserts when it does not.
  private static let insert: SQL = """
    insert into idempotency_results (caller, key, field, fingerprint, created_at)
    values ($1, $2, $3, $4, now()) on conflict do nothing
    """
  private static let find: SQL =
    "select fingerprint, outcome from idempotency_results where caller = $1 and key = $2 and field = $3"
  private static let recordOutcome: SQL =
    "update idempotency_results set outcome = $4 where caller = $1 and key = $2 and field = $3"

  private static func parameters(_ mark: MutationMark) -> Parameters {
    var parameters = Parameters()
    parameters.append(mark.key.caller)
    parameters.append(mark.key.key)
    parameters.append(mark.field)
    return parameters
  }

  /// Claims the field for the transaction; sent with what follows, so that it costs no round trip.
  public static func claim(_ mark: MutationMark, in transaction: Transaction) -> Claim {
    let key = parameters(mark)
    var row = key
    row.append(mark.key.fingerprint)
    return Claim(mark: mark, inserted: transaction.send(insert, row), found: transaction.send(find, key))
  }

  /// What a field did before; nil when it is not known to have done anything. It may be under way.
  ///
  /// - Throws: `KeyReused`, or a database error.
  public static func outcome(of mark: MutationMark, from database: Database) async throws -> String? {
    let rows = try await database.query(find, parameters(mark))
    guard rows.count == 1 else { return nil }
    guard rows.text(0, 0) == mark.key.fingerprint else { throw KeyReused() }
    return rows.isNull(0, 1) ? "" : rows.text(0, 1)
  }

  // MARK: Responses

  public struct Response: Sendable {
    public let body: ContiguousArray<UInt8>
    public let hasErrors: Bool

    public init(body: ContiguousArray<UInt8>, hasErrors: Bool) {
      self.body = body
      self.hasErrors = hasErrors
    }

    fileprivate init(_ rows: Rows) {
      body = ContiguousArray(rows.bytes(0, 2))
      hasErrors = rows.bool(0, 1)
    }
  }

  private static let findResponse: SQL =
    "select fingerprint, has_errors, response from idempotency_responses where caller = $1 and key = $2"
  // The first response stays, and whoever comes later gets to know it.
  private static let keepResponse: SQL = """
    insert into idempotency_responses (caller, key, fingerprint, has_errors, response, created_at)
    values ($1, $2, $3, $4, $5, now())
    on conflict (caller, key) do update set caller = excluded.caller returning fingerprint, has_errors, response
    """

  /// The response to an earlier request with this key.
  ///
  /// - Throws: `KeyReused` if it was another request, or a database error.
  public static func response(
    to key: IdempotencyKey, from database: Database, deadline: UInt64?
  ) async throws -> Response? {
    var parameters = Parameters()
    parameters.append(key.caller)
    parameters.append(key.key)
    let rows = try await database.query(findResponse, parameters, deadline: deadline)
    guard rows.count == 1 else { return nil }
    guard rows.text(0, 0) == key.fingerprint else { throw KeyReused() }
    return Response(rows)
  }

  /// Keeps the response to a request, unless there is one already.
  ///
  /// - Returns: the response that is kept; nil when it is that of another request.
  public static func keep(
    _ response: Response, to key: IdempotencyKey, in database: Database, deadline: UInt64?
  ) async throws -> Response? {
    var parameters = Parameters()
    parameters.append(key.caller)
    parameters.append(key.key)
    parameters.append(key.fingerprint)
    parameters.append(response.hasErrors)
    parameters.append(bytes: response.body)
    let rows = try await database.transaction(deadline: deadline, isReadOnly: true) { transaction in
      // A response that a crash takes away is made again from what the fields have recorded.
      transaction.send("set local synchronous_commit = off")
      return try await transaction.query(keepResponse, parameters)
    }
    return rows.text(0, 0) == key.fingerprint ? Response(rows) : nil
  }

  // MARK: Cleaning

  private static func delete(_ table: String) -> SQL {
    SQL(
      """
      delete from \(table) where ctid = any (array(
      select ctid from \(table) where created_at < now() - make_interval(secs => $1) limit 1000 for update skip locked))
      """)
  }

  private static let deleteResults = delete("idempotency_results")
  private static let deleteResponses = delete("idempotency_responses")

  /// Forgets what is older, a thousand rows at a time.
  public static func clean(olderThan seconds: Int, in database: Database) async throws {
    var age = Parameters()
    age.append(Double(seconds))
    for statement in [deleteResponses, deleteResults] {
      let parameters = age
      var isThrough = false
      while !isThrough {
        let tag = try await database.transaction(isReadOnly: true) {
          try await $0.query(statement, parameters).commandTag
        }
        isThrough = tag != "DELETE 1000"
      }
    }
  }
}
