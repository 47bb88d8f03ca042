import EventLoop
import GraphQL
import Millrace
import Postgres

/// The events of one subscriber. A page of the log is read when the last one is used up, so what waits for a slow
/// client waits in the log.
///
/// Numbers are given under the family's lock, which is held until the commit: whoever sees one number sees all lower
/// ones, and reading behind the last number leaves nothing out.
final class CaseEventStream: SourceEventStream {
  private let caseID: UUID128
  private let family: UUID128
  private let includesFamily: Bool
  private let context: APIContext
  private let wait: SignalWait
  /// Number of the last event that was handed out.
  private var after: Int64
  private var page: EntityBatch?
  private var rows: Rows?
  private var next = 0
  /// The last page was the end of the log.
  private var isAtEnd = false

  /// Events of one read: few, because each has the row that it was about.
  private static let pageSize = 20

  init(case caseID: UUID128, family: UUID128, includesFamily: Bool, after: Int64, context: APIContext) {
    self.caseID = caseID
    self.family = family
    self.includesFamily = includesFamily
    self.after = after
    self.context = context
    wait = SignalWait(family: family, signals: context.signals, loop: context.database.loop)
  }

  func cancel() {
    wait.cancel()
  }

  func next() async throws(GraphQLError) -> SourceEvent? {
    while !wait.isCancelled {
      if let page, let rows, next < rows.count {
        defer { next += 1 }
        after = rows.int64(next, 0)
        return CaseEvent(page: page, row: next, seq: after)
      }
      page = nil
      rows = nil
      if isAtEnd { await wait.next() }
      guard !wait.isCancelled else { return nil }
      try await read()
    }
    return nil
  }

  private func read() async throws(GraphQLError) {
    // What the subscriber may see is asked for anew each time.
    let context = context.renewed?() ?? context
    var builder = StatementBuilder()
    let family = builder.bind(uuid: family)
    let position = builder.bind(integer: Int(after))
    let own = includesFamily ? [] : ["t.case_id = \(builder.bind(uuid: caseID))"]
    let shown = own + EventVisibility.conditions(context, &builder)
    let hidesData = EventVisibility.told.contains(where: context.visibility.isRestricted)
    let columns = Entities.caseEvent.columns.map { column in
      hidesData && column.name == "data" ? ", null::jsonb" : ", \(column.sql)"
    }.joined()
    let conditions = (["t.family = \(family)", "t.seq > \(position)"] + shown).joined(separator: " and ")
    builder.append("select t.seq\(columns) from events t where \(conditions) order by t.seq limit \(Self.pageSize)")
    // What is committed from here on signals again.
    wait.reset()
    do {
      let found = try await context.send(SQL(builder.text), builder.parameters).rows()
      isAtEnd = found.count < Self.pageSize
      next = 0
      rows = found
      page = EntityBatch(rows: found, columns: Entities.caseEvent.columns, types: [], starts: [], ends: [], pages: [])
    } catch {
      // The log is still there when the database is back, and so is the place in it.
      guard MillraceError(error).code == .unavailable else { throw context.masked(error) }
      isAtEnd = true
    }
  }
}

/// One event of the log.
final class CaseEvent: SourceEvent {
  let seq: Int64
  private let page: EntityBatch
  private let row: Int

  init(page: EntityBatch, row: Int, seq: Int64) {
    self.page = page
    self.row = row
    self.seq = seq
    super.init()
  }

  override func begin(_ request: StepRequest) -> StepResult {
    unsafeDowncast(request.context, to: APIContext.self).eventID = String(seq)
    return .ready(RowOfBatch(page, row: row, slots: request.properties.map(\.index)))
  }
}

/// One row of a batch whose slots are the properties themselves, as a batch of its own.
private final class RowOfBatch: KeyedBatch {
  private let batch: KeyedBatch
  private let row: Int
  private let slots: [Int]

  init(_ batch: KeyedBatch, row: Int, slots: [Int]) {
    self.batch = batch
    self.row = row
    self.slots = slots
    super.init(rowCount: 1, starts: [0], ends: [1])
  }

  override func uuidKey(row: Int, slot: Int) -> UUID128? { batch.uuidKey(row: self.row, slot: slots[slot]) }
  override func textKey(row: Int, slot: Int) -> String? { batch.textKey(row: self.row, slot: slots[slot]) }

  override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
    batch.write(row: self.row, slot: slots[slot], into: output)
  }
}
