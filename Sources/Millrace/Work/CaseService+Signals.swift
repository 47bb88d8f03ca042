import Postgres
import WorkflowEngine
import WorkflowStore

/// Signals and messages from clients.
extension CaseService {
  public struct SignalInput: Sendable {
    public var name: String
    /// Nil reaches catches of every key.
    public var correlation: String?
    /// JSON text.
    public var payload: String
    /// The sender's own name for it; the same one is taken once.
    public var messageID: String?
    /// Seconds for which it waits for catches that come later.
    public var timeToLive: Int64?

    public init(
      name: String, correlation: String? = nil, payload: String = "{}", messageID: String? = nil,
      timeToLive: Int64? = nil
    ) {
      self.name = name
      self.correlation = correlation
      self.payload = payload
      self.messageID = messageID
      self.timeToLive = timeToLive
    }
  }

  /// Seconds for which a message waits for its catch when nobody says how long.
  public static let messageTimeToLive: Int64 = 3_600
  /// A year.
  private static let longestTimeToLive: Int64 = 31_536_000

  /// Tells everything that waits for the name: work items of all cases, and workflows that start with it.
  ///
  /// - Returns: how many are told; with a time to live, those that come in time are besides.
  public func broadcastSignal(
    _ input: SignalInput, by caller: Caller = Caller(), mark: MutationMark? = nil, deadline: UInt64? = nil
  ) async throws(MillraceError) -> Int {
    max(try await send(input, .signal, timeToLive: input.timeToLive ?? 0, by: caller, mark, deadline), 0)
  }

  /// Gives a message to the first that waits for it; without one it waits itself.
  ///
  /// - Returns: whether something waited for it, or it came before.
  @discardableResult
  public func sendMessage(
    _ input: SignalInput, by caller: Caller = Caller(), mark: MutationMark? = nil, deadline: UInt64? = nil
  ) async throws(MillraceError) -> Bool {
    let timeToLive = input.timeToLive ?? Self.messageTimeToLive
    return try await send(input, .message, timeToLive: timeToLive, by: caller, mark, deadline) != 0
  }

  /// - Returns: how many catches it met; -1 when the same message was sent before.
  private func send(
    _ input: SignalInput, _ kind: SignalStore.Kind, timeToLive: Int64, by caller: Caller, _ mark: MutationMark?,
    _ deadline: UInt64?
  ) async throws(MillraceError) -> Int {
    guard !input.name.isEmpty, input.name.utf8.count <= 255 else {
      throw MillraceError(.invalidInput, "The name of a signal has 1 to 255 bytes.")
    }
    guard (0...Self.longestTimeToLive).contains(timeToLive) else {
      throw MillraceError(.invalidInput, "A signal is kept for up to a year.")
    }
    var identifiers = FamilyIdentifiers()
    let signal = SignalStore.Signal(
      id: identifiers.next(), kind: kind, name: input.name, correlation: input.correlation, payload: input.payload,
      messageID: input.messageID, timeToLive: timeToLive)
    let met: Int
    do {
      met = try await database.transaction(deadline: deadline) { transaction in
        try await self.once(mark, in: transaction) {
          try await SignalStore.send(signal, caller: caller, in: transaction) ?? -1
        }
      }
    } catch {
      throw shown(error)
    }
    if met != 0 { work.wake() }
    return met
  }
}
