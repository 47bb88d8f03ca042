import EventLoop
import Expressions
import Postgres
import WorkflowEngine
import WorkflowStore

/// Tells the engine that moments have come.
extension CaseService {
  /// Carries out a claimed timer; that it is done is stored with what it does.
  ///
  /// - Throws: `LostClaim`, when somebody else has the timer; nothing of it remains then.
  func carryOut(timer work: QueuedWork) async throws {
    guard let purpose = TimerPurpose(rawValue: work.handler) else {
      throw JobFailure("UNKNOWN_TIMER", "This version of the server does not know the timer.", isFinal: true)
    }
    let deadline = database.loop.now + self.work.settings.endTimeout
    let aftermath = try await database.transaction(deadline: deadline) { transaction in
      let time = try await self.hold(work, in: transaction)
      let aftermath = try await self.fire(work, purpose, at: time, in: transaction)
      // What the timer did may have set it again, which this claim cannot take away.
      _ = try await WorkQueue.finish([WorkQueue.Claim(work)], in: transaction)
      return aftermath
    }
    conclude(aftermath)
  }

  private func fire(
    _ work: QueuedWork, _ purpose: TimerPurpose, at time: Timestamp, in transaction: Transaction
  ) async throws -> Aftermath {
    switch purpose {
    case .fire:
      guard let item = work.workItem else { return Aftermath() }
      return try await performIfWaiting(.fireTimer(item), at: time, in: transaction).aftermath
    case .signal: return try await deliver(work, in: transaction)
    case .deadline:
      guard let item = work.workItem else { return Aftermath() }
      return try await performIfWaiting(.escalateWorkItem(item), at: time, in: transaction).aftermath
    case .unsnooze:
      guard let item = work.workItem else { return Aftermath() }
      return try await performIfWaiting(.unsnoozeWorkItem(item, isDue: true), at: time, in: transaction).aftermath
    case .start: return try await strike(work, in: transaction)
    }
  }

  /// A workflow's clock has struck: a case starts, and the clock is set to its next moment.
  private func strike(_ work: QueuedWork, in transaction: Transaction) async throws -> Aftermath {
    let payload = JSON(json: work.payload) ?? .null
    guard let workflow = payload["workflow"]?.text, let task = payload["task"]?.text,
      case .int(let seconds)? = payload["interval"], seconds > 0
    else { throw JobFailure("UNREADABLE", "The clock cannot be read.", isFinal: true) }
    // Archived since the clock was set: it is gone with this stroke.
    guard try await startsByItself(workflow, in: transaction) else { return Aftermath() }
    let start = StartCase(workflow: workflow, trigger: task)
    let aftermath = try await perform(Request(command: .startCase(start)), in: transaction).aftermath
    StartStore.advance(work, by: seconds, in: transaction)
    return aftermath
  }

  /// Whether signals and clocks may start cases of a workflow at this moment.
  private func startsByItself(_ workflow: String, in transaction: Transaction) async throws -> Bool {
    let revision = try await DefinitionStore.revision(in: transaction).definitions
    return try await definitions(revision: revision, in: transaction).workflow(workflow)?.startsByItself == true
  }

  /// Has signals and clocks start cases as the definitions say.
  ///
  /// - Parameter known: the revision of the definitions that this was done for.
  /// - Returns: the revision that it is done for now.
  func syncStarts(since known: Int64, in transaction: Transaction) async throws -> Int64 {
    let revision = try await DefinitionStore.revision(in: transaction).definitions
    guard revision != known else { return known }
    // Read before anything is written, so that a later change is seen by a later look.
    let definitions = try await definitions(revision: revision, in: transaction)
    StartStore.sync(StartStore.starts(of: definitions), in: transaction)
    return revision
  }

  /// Carries out a command for somebody who may have been overtaken: that the item does not wait any more is no error.
  ///
  /// - Parameter time: the database's, by which the command is due.
  func performIfWaiting(
    _ command: Command, caller: Caller = Caller(), at time: Timestamp? = nil, in transaction: Transaction
  ) async throws -> (isDone: Bool, aftermath: Aftermath) {
    var request = Request(command: command, caller: caller)
    request.earliest = time
    let due = request
    do {
      let aftermath = try await transaction.savepoint {
        try await self.perform(due, in: transaction).aftermath
      }
      return (true, aftermath)
    } catch {
      let known = (error as? EngineError).map { MillraceError($0) } ?? error as? MillraceError
      guard known?.code == .invalidState || known?.code == .notFound else { throw error }
      return (false, Aftermath())
    }
  }

  /// The data of a case is an object; of anything else that a signal brings it is the member `payload`.
  private static func object(_ payload: String) -> String {
    guard let value = JSON(json: payload) else { return "{}" }
    if case .object = value { return payload }
    return JSON.object([.init(key: "payload", value: value)]).json
  }

  private func deliver(_ work: QueuedWork, in transaction: Transaction) async throws -> Aftermath {
    let payload = JSON(json: work.payload) ?? .null
    guard let signal = payload["signal"]?.text.flatMap({ EntityID($0) }),
      let waiter = payload["catch"]?.text.flatMap({ EntityID($0) })
    else { throw JobFailure("UNREADABLE", "The delivery cannot be read.", isFinal: true) }
    guard let meeting = try await SignalStore.meeting(of: signal, with: waiter, in: transaction) else {
      try await SignalStore.readdress(signal, from: waiter, in: transaction)
      return Aftermath()
    }
    guard let item = meeting.waiter.workItem else {
      guard let workflow = meeting.waiter.workflow, try await startsByItself(workflow, in: transaction) else {
        return Aftermath()
      }
      let start = StartCase(workflow: workflow, data: Self.object(meeting.payload), trigger: meeting.waiter.task)
      return try await perform(
        Request(command: .startCase(start), caller: meeting.sender), in: transaction
      ).aftermath
    }
    let (isDone, aftermath) = try await performIfWaiting(
      .deliver(Delivery(to: item, payload: meeting.payload)), caller: meeting.sender, in: transaction)
    if !isDone { try await SignalStore.readdress(signal, from: waiter, in: transaction) }
    return aftermath
  }
}
