import WorkflowEngine

/// The receivers by event; an event that nobody wants costs one look into an array.
public struct ReceiverTable: Sendable {
  private let byEvent: [[Registration<EventView>]]
  private let byModel: [[Registration<ModelEvent>]]
  public let hooks: HookRegistrations
  public let handlers: HandlerRegistrations

  public init(_ registry: ReceiverRegistry = ReceiverRegistry()) {
    var byEvent = [[Registration<EventView>]](repeating: [], count: EventName.allCases.count)
    for registration in registry.registrations { byEvent[registration.event.number].append(registration) }
    self.byEvent = byEvent
    let places = ModelEvent.Name.allCases.count * ModelEvent.Model.allCases.count
    var byModel = [[Registration<ModelEvent>]](repeating: [], count: places)
    for registration in registry.modelRegistrations {
      for model in registration.sender.map({ [$0] }) ?? ModelEvent.Model.allCases {
        byModel[Self.place(registration.event, model)].append(registration)
      }
    }
    self.byModel = byModel
    hooks = registry.hooks
    handlers = registry.handlers
  }

  func receivers(of event: EventName) -> [Registration<EventView>] {
    byEvent[event.number]
  }

  func receivers(of event: ModelEvent.Name, _ model: ModelEvent.Model) -> [Registration<ModelEvent>] {
    byModel[Self.place(event, model)]
  }

  /// Whether anybody wants to know of saved rows of this type.
  func wantsSaves(of model: ModelEvent.Model) -> Bool {
    !byModel[Self.place(.preSave, model)].isEmpty || !byModel[Self.place(.postSave, model)].isEmpty
  }

  private static func place(_ event: ModelEvent.Name, _ model: ModelEvent.Model) -> Int {
    event.number * ModelEvent.Model.allCases.count + model.number
  }
}

extension EventName {
  private static let numbers = Dictionary(
    uniqueKeysWithValues: EventName.allCases.enumerated().map { ($0.element, $0.offset) })

  var number: Int { Self.numbers[self] ?? 0 }
}

extension ModelEvent.Name {
  fileprivate var number: Int {
    switch self {
    case .preSave: 0
    case .postSave: 1
    case .preDelete: 2
    case .postDelete: 3
    }
  }
}

extension ModelEvent.Model {
  fileprivate var number: Int {
    switch self {
    case .workflow: 0
    case .task: 1
    case .flow: 2
    case .case: 3
    case .workItem: 4
    case .hook: 5
    case .version: 6
    }
  }
}
