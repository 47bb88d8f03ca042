import WorkflowEngine

/// Collects receivers while the server starts.
public struct ReceiverRegistry: Sendable {
  /// One receiver of one event.
  public struct Registration: Sendable {
    public let event: EventName
    /// Which mutation has to have caused the event; nil for any.
    public let sender: Operation?
    /// Whether an error rolls the mutation back.
    public let raiseException: Bool
    public let module: String
    /// The receiver's name, or where it was registered.
    public let name: String
    public let filter: EventFilter?
    let receiver: Receiver
  }

  var module = ""
  public private(set) var registrations: [Registration] = []
  /// What modules registered of hooks.
  public internal(set) var hooks = HookRegistrations()

  public init() {}

  /// Has `receiver` called with an event. Receivers are called in the order of their registration.
  ///
  /// - Parameters:
  ///   - sender: only for events that this mutation caused, directly or not.
  ///   - raiseException: whether an error of the receiver makes the mutation fail; otherwise it is logged and
  ///     what the receiver did is undone.
  public mutating func on(
    _ event: EventName, sender: Operation? = nil, raiseException: Bool = false, filter: EventFilter? = nil,
    name: String? = nil, file: StaticString = #fileID, line: UInt = #line, _ receiver: @escaping Receiver
  ) {
    registrations.append(
      Registration(
        event: event, sender: sender, raiseException: raiseException, module: module,
        name: name ?? "\(file):\(line)", filter: filter, receiver: receiver))
  }

  /// Has `receiver` called with several events.
  public mutating func on(
    _ events: [EventName], sender: Operation? = nil, raiseException: Bool = false, filter: EventFilter? = nil,
    name: String? = nil, file: StaticString = #fileID, line: UInt = #line, _ receiver: @escaping Receiver
  ) {
    for event in events {
      on(
        event, sender: sender, raiseException: raiseException, filter: filter, name: name, file: file, line: line,
        receiver)
    }
  }
}

/// The receivers by event; an event that nobody wants costs one look into an array.
public struct ReceiverTable: Sendable {
  private let byEvent: [[ReceiverRegistry.Registration]]
  public let hooks: HookRegistrations

  public init(_ registry: ReceiverRegistry = ReceiverRegistry()) {
    var byEvent = [[ReceiverRegistry.Registration]](repeating: [], count: EventName.allCases.count)
    for registration in registry.registrations { byEvent[registration.event.number].append(registration) }
    self.byEvent = byEvent
    hooks = registry.hooks
  }

  func receivers(of event: EventName) -> [ReceiverRegistry.Registration] {
    byEvent[event.number]
  }
}

extension EventName {
  private static let numbers = Dictionary(
    uniqueKeysWithValues: EventName.allCases.enumerated().map { ($0.element, $0.offset) })

  var number: Int { Self.numbers[self] ?? 0 }
}
