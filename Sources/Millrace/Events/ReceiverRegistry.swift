import WorkflowEngine

/// Collects receivers while the server starts.
public struct ReceiverRegistry: Sendable {
  public typealias Registration = Millrace.Registration<EventView>

  var module = ""
  public private(set) var registrations: [Registration] = []
  /// What modules registered of hooks.
  public internal(set) var hooks = HookRegistrations()
  /// The handlers of jobs.
  public var handlers = HandlerRegistrations()
  public private(set) var modelRegistrations: [Millrace.Registration<ModelEvent>] = []
  /// All registrations in their order.
  public private(set) var listing: [RegistrationListing] = []

  public init() {}

  // MARK: Events

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
    add(
      Registration(
        event: event, sender: sender, raiseException: raiseException, isAfterCommit: false, module: module,
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

  /// Has `receiver` called once the mutation that caused the event is committed: it delays nobody and can stop
  /// nothing. At most once: a server that is killed in between does not call it. An error is logged.
  public mutating func onCommit(
    _ event: EventName, sender: Operation? = nil, filter: EventFilter? = nil, name: String? = nil,
    file: StaticString = #fileID, line: UInt = #line,
    _ receiver: @escaping @Sendable (EventView) async throws -> Void
  ) {
    add(
      Registration(
        event: event, sender: sender, raiseException: false, isAfterCommit: true, module: module,
        name: name ?? "\(file):\(line)", filter: filter, receiver: { event, _ in try await receiver(event) }))
  }

  public mutating func onCommit(
    _ events: [EventName], sender: Operation? = nil, filter: EventFilter? = nil, name: String? = nil,
    file: StaticString = #fileID, line: UInt = #line,
    _ receiver: @escaping @Sendable (EventView) async throws -> Void
  ) {
    for event in events {
      onCommit(event, sender: sender, filter: filter, name: name, file: file, line: line, receiver)
    }
  }

  // MARK: Model events

  /// Has `receiver` called when a row is stored or deleted.
  ///
  /// - Parameter sender: only for rows of this type.
  public mutating func on(
    _ event: ModelEvent.Name, sender: ModelEvent.Model? = nil, raiseException: Bool = false,
    filter: ModelEventFilter? = nil, name: String? = nil, file: StaticString = #fileID, line: UInt = #line,
    _ receiver: @escaping ModelReceiver
  ) {
    let registration = Millrace.Registration<ModelEvent>(
      event: event, sender: sender, raiseException: raiseException, isAfterCommit: false, module: module,
      name: name ?? "\(file):\(line)", filter: filter, receiver: receiver)
    modelRegistrations.append(registration)
    listing.append(RegistrationListing(registration))
  }

  /// Has `receiver` called with several model events.
  public mutating func on(
    _ events: [ModelEvent.Name], sender: ModelEvent.Model? = nil, raiseException: Bool = false,
    filter: ModelEventFilter? = nil, name: String? = nil, file: StaticString = #fileID, line: UInt = #line,
    _ receiver: @escaping ModelReceiver
  ) {
    for event in events {
      on(
        event, sender: sender, raiseException: raiseException, filter: filter, name: name, file: file, line: line,
        receiver)
    }
  }

  private mutating func add(_ registration: Registration) {
    registrations.append(registration)
    listing.append(RegistrationListing(registration))
  }
}
