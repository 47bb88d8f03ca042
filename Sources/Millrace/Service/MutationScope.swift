import CoreMetrics
import Logging
import Postgres
import WorkflowEngine

/// One mutation's transaction as its receivers share it: who is running, what each of them did, how it is undone.
///
/// Receivers and the commands that they run are *frames* on a stack. A frame that fails leaves nothing behind: what
/// is in memory goes back to how it was, and what is in the database goes back to the frame's savepoint. Savepoints
/// are taken when a receiver first needs the database; a receiver that does not costs none.
class MutationScope {
  let service: CaseService
  let transaction: Transaction
  /// The frame of another scope in which this one runs; nil for the client's mutation.
  private let parent: (scope: MutationScope, frame: Int)?
  private var frames: [Frame] = []
  private var frameCount = 0
  /// What receivers want done once the mutation is committed.
  private(set) var commitActions: [@Sendable () async -> Void] = []

  private struct Frame {
    let number: Int
    /// When a receiver's time is up; nil for a command.
    let end: ContinuousClock.Instant?
    /// Puts back what is in memory.
    let restore: () -> Void
    let actions: Int
    /// Once the frame has needed one.
    var savepoint: String?
    /// Whether statements have a time limit that is the receiver's.
    var limitsStatements = false
  }

  /// The frame of whoever asks is gone: the receiver around it was given up.
  struct Abandoned: Error {}

  init(service: CaseService, transaction: Transaction, parent: (scope: MutationScope, frame: Int)? = nil) {
    self.service = service
    self.transaction = transaction
    self.parent = parent
  }

  // MARK: For subclasses

  /// Sends what is not written yet.
  func flush() {}

  /// How to put back what is in memory now.
  func checkpoint() -> () -> Void { {} }

  func runNested(_ command: Command, _ context: ReceiverContext) async throws -> CaseService.Outcome {
    throw MillraceError(.invalidState, "Only receivers of events of cases and work items can run commands.")
  }

  /// What a receiver can do with a work item of the family, as it is at this moment.
  func offers(of id: EntityID, _ context: ReceiverContext) async throws -> [TransitionOffer] {
    throw MillraceError(.notFound, "The work item \(id) does not belong to the family that the receiver is told of.")
  }

  /// Changes what a `pre_create_…` event told of.
  func changePending(_ change: (inout EventView.ValidatedData) -> Void) throws(MillraceError) {
    throw MillraceError(.invalidState, "Nothing is about to be created.")
  }

  // MARK: Frames

  /// The frame that runs now; 0 for the client's command.
  var currentFrame: Int { frames.last?.number ?? 0 }

  /// How many commands are nested in each other now, without the client's.
  var nesting: Int { frames.reduce(parent?.scope.nesting ?? 0) { $0 + ($1.end == nil ? 1 : 0) } }

  /// When the first of the receivers that run has to be done.
  private var end: ContinuousClock.Instant? {
    (frames.lazy.compactMap(\.end) + [parent?.scope.end].compactMap(\.self)).min()
  }

  /// - Throws: `Abandoned`, when the frame was ended by its receiver's time limit; whoever asks must touch nothing.
  func requireAlive(_ frame: Int) throws(Abandoned) {
    guard frame == 0 || frames.contains(where: { $0.number == frame }) else { throw Abandoned() }
    if let parent { try parent.scope.requireAlive(parent.frame) }
  }

  /// Runs `body` as a frame; when it throws, everything it did is undone.
  func undoable<Result>(
    until end: ContinuousClock.Instant? = nil, _ body: (Int) async throws -> Result
  ) async throws -> Result {
    frameCount += 1
    let number = frameCount
    frames.append(Frame(number: number, end: end, restore: checkpoint(), actions: commitActions.count))
    do {
      let result = try await body(number)
      try requireAlive(number)
      guard frames.last?.number == number else {
        throw MillraceError(.invalidState, "The receiver returned while a command of it was under way.")
      }
      try await release(frames[frames.count - 1])
      try requireAlive(number)
      frames.removeLast()
      return result
    } catch {
      guard let place = frames.lastIndex(where: { $0.number == number }) else { throw Abandoned() }
      let frame = frames[place]
      frames.removeLast(frames.count - place)
      frame.restore()
      commitActions.removeLast(commitActions.count - frame.actions)
      if let savepoint = frame.savepoint { try await transaction.rollBack(to: savepoint) }
      throw error
    }
  }

  private func release(_ frame: Frame) async throws(PostgresError) {
    guard let savepoint = frame.savepoint else { return }
    if frame.limitsStatements { transaction.send(Self.unlimitStatements) }
    try await transaction.releaseSavepoint(savepoint)
  }

  private static let limitStatements: SQL = "select set_config('statement_timeout', $1, true)"
  private static let unlimitStatements: SQL = "set local statement_timeout to default"

  /// The transaction with everything written so far, within savepoints of all frames. Each statement has as much
  /// time as is left to the receiver.
  func transaction(for frame: Int) throws(MillraceError) -> Transaction {
    try check(frame)
    // What is written now may belong to the frames around this one, too: each has to be able to undo it.
    for index in frames.indices where frames[index].savepoint == nil {
      frames[index].savepoint = transaction.beginSavepoint()
    }
    flush()
    if let end {
      frames[frames.count - 1].limitsStatements = true
      let left = (end - ContinuousClock.now) / .milliseconds(1)
      var limit = Parameters()
      limit.append("\(max(1, Int64(left)))")
      transaction.send(Self.limitStatements, limit)
    }
    return transaction
  }

  /// Once a receiver has returned, the connection may be another mutation's; while its command is under way, what
  /// it does besides could not be told from what the receivers of that command do.
  func check(_ frame: Int) throws(MillraceError) {
    guard frames.last?.number == frame else {
      throw MillraceError(.invalidState, "The receiver has returned, or a command of it is still under way.")
    }
    if let parent { try parent.scope.check(parent.frame) }
  }

  func afterCommit(_ action: @escaping @Sendable () async -> Void) {
    commitActions.append(action)
  }

  // MARK: Receivers

  /// Calls the receivers one after the other.
  ///
  /// - Throws: the collected errors of those that may stop the mutation, or a failure that it cannot get over.
  func tell<Subject: ReceiverSubject>(
    _ registrations: [Registration<Subject>], _ subject: Subject, caller: Caller, context: String?, family: EntityID?
  ) async throws {
    let frame = currentFrame
    var raised: [String] = []
    for registration in registrations where registration.matches(subject) {
      if registration.isAfterCommit {
        deferred(registration, subject, caller: caller, context: context, family: family)
        continue
      }
      do {
        try await call(registration, subject, caller: caller, context: context)
      } catch let error as Abandoned {
        throw error
      } catch {
        try requireAlive(frame)
        if Self.endsMutation(error) { throw error }
        ReceiverFailures.note(error, registration, family: family, logger: service.logger)
        if registration.raiseException { raised.append(Self.text(of: error)) }
      }
    }
    guard raised.isEmpty else { throw MillraceError(.receiverFailed, raised.joined(separator: ", ")) }
  }

  private final class Outcome<Value>: @unchecked Sendable {  // confined to its loop's thread
    var value: Value?
  }

  /// Calls a function of an extension within the mutation; what it did is undone when it throws.
  func call<Result: Sendable>(
    caller: Caller, context: String?, _ body: @escaping @Sendable (ReceiverContext) async throws -> Result
  ) async throws -> Result {
    let limit = service.receiverTimeout
    return try await undoable(until: .now + .milliseconds(Int64(limit))) { frame in
      let context = ReceiverContext(
        scope: self, frame: frame, caller: caller, clientContext: context, logger: service.logger)
      let outcome = Outcome<Result>()
      try await ReceiverRace.run(on: service.loop, milliseconds: limit) {
        outcome.value = try await FlowHost.mutation(context).run { try await body(context) }
      }
      guard let result = outcome.value else { throw Abandoned() }
      return result
    }
  }

  private func call<Subject>(
    _ registration: Registration<Subject>, _ subject: Subject, caller: Caller, context: String?
  ) async throws {
    let limit = service.receiverTimeout
    try await undoable(until: .now + .milliseconds(Int64(limit))) { frame in
      let context = ReceiverContext(
        scope: self, frame: frame, caller: caller, clientContext: context, logger: service.logger)
      try await ReceiverRace.run(on: service.loop, milliseconds: limit) {
        try await FlowHost.mutation(context).run { try await registration.receiver(subject, context) }
      }
    }
  }

  /// A receiver that waits for the commit.
  private func deferred<Subject>(
    _ registration: Registration<Subject>, _ subject: Subject, caller: Caller, context: String?, family: EntityID?
  ) {
    let service = service
    let ended = ReceiverContext.ended(caller: caller, clientContext: context, logger: service.logger)
    afterCommit {
      do {
        try await ReceiverRace.run(on: service.loop, milliseconds: service.receiverTimeout) {
          try await registration.receiver(subject, ended)
        }
      } catch {
        ReceiverFailures.note(error, registration, family: family, logger: service.logger)
      }
    }
  }

  /// Without its connection, or as the loser of a deadlock, the mutation cannot go on; it may begin again.
  static func endsMutation(_ error: any Error) -> Bool {
    guard let failure = error as? PostgresError else { return false }
    return switch failure.kind {
    case .server: failure.isRetryable
    // A statement before it failed, whose error the receiver kept to itself.
    case .aborted: false
    default: true
    }
  }

  private static func text(of error: any Error) -> String {
    (error as? MillraceError)?.message ?? "\(error)"
  }
}

/// Notes receivers that failed: in the log and in a metric.
enum ReceiverFailures {
  static func note<Subject>(
    _ error: any Error, _ registration: Registration<Subject>, family: EntityID?, logger: Logger
  ) {
    logger.error(
      "Error in event receiver.",
      metadata: [
        "event": "\(registration.event.rawValue)", "module": "\(registration.module)",
        "receiver": "\(registration.name)", "family": "\(family?.description ?? "-")",
        "raised": "\(registration.raiseException)", "cause": "\(error)",
      ])
    Counter(
      label: "millrace_receiver_failures",
      dimensions: [
        ("event", registration.event.rawValue), ("module", registration.module), ("receiver", registration.name),
      ]
    ).increment()
  }
}
