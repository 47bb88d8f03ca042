/// What is under way on a connection in pipeline mode, and what each result that arrives means. Holds no libpq
/// object: the driver feeds it events and carries out the actions it answers.
///
/// Source: libpq's documentation, "Pipeline Mode": results come in the order of the commands; each command's end
/// with an empty result; a synchronisation point has a single result and no empty one; after an error everything
/// up to the next synchronisation point is answered with "aborted".
struct PipelineState {
  enum Command: Equatable {
    /// The statement with this name is being prepared.
    case prepare(String)
    /// The operation with this number runs.
    case execute(Int)
    case sync
  }

  enum Event: Equatable {
    case rows
    case failure
    case aborted
    case synchronised
    /// The empty result that ends a command's results.
    case end
  }

  enum Action: Equatable {
    case none
    /// The operation's result is the one that arrived.
    case succeed(Int)
    /// The operation failed with the error that arrived, or the one its preparation met.
    case fail(Int)
    /// The operation did not run, because one before it failed.
    case abort(Int)
    /// The statement could not be prepared; it has to be prepared again when it is next used.
    case forget(String)
    /// libpq has nothing more for now.
    case wait
    /// The server answered something that the protocol does not have here.
    case broken
  }

  private var commands: [Command] = []
  private var head = 0
  /// Whether the first command's result is there and its end is not.
  private var awaitsEnd = false
  /// Whether commands were sent since the last synchronisation point.
  private(set) var needsSync = false

  var isIdle: Bool { head == commands.count }
  /// Operations that were sent and not answered.
  private(set) var inFlight = 0

  mutating func send(_ command: Command) {
    commands.append(command)
    if case .sync = command {
      needsSync = false
    } else {
      needsSync = true
      if case .execute = command { inFlight += 1 }
    }
  }

  mutating func receive(_ event: Event) -> Action {
    guard head < commands.count else { return event == .end ? .wait : .broken }
    let command = commands[head]
    switch (event, command) {
    case (.end, _):
      guard awaitsEnd else { return .wait }
      awaitsEnd = false
      advance()
      return .none
    case (.synchronised, .sync):
      advance()
      return .none
    case (_, .sync), (.synchronised, _):
      return .broken
    case (_, _) where awaitsEnd:
      return .broken
    case (.rows, .prepare):
      awaitsEnd = true
      return .none
    case (.failure, .prepare(let name)), (.aborted, .prepare(let name)):
      awaitsEnd = true
      return .forget(name)
    case (.rows, .execute(let number)):
      awaitsEnd = true
      inFlight -= 1
      return .succeed(number)
    case (.failure, .execute(let number)):
      awaitsEnd = true
      inFlight -= 1
      return .fail(number)
    case (.aborted, .execute(let number)):
      awaitsEnd = true
      inFlight -= 1
      return .abort(number)
    }
  }

  private mutating func advance() {
    head += 1
    if head == commands.count || head > 512 {
      commands.removeFirst(head)
      head = 0
    }
  }

  /// Operations that will never be answered, because the connection is gone.
  mutating func drop() -> [Int] {
    let lost = commands[head...].compactMap { command -> Int? in
      if case .execute(let number) = command { number } else { nil }
    }
    // The first one may have been answered already.
    let unanswered = awaitsEnd ? Array(lost.dropFirst(isFirstExecute ? 1 : 0)) : lost
    self = PipelineState()
    return unanswered
  }

  private var isFirstExecute: Bool {
    if head < commands.count, case .execute = commands[head] { true } else { false }
  }
}
