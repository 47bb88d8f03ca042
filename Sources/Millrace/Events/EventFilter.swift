/// A condition on events: decorates a receiver so that it is called only where the condition holds.
///
/// A value, so that filters compose: `isReview && !isUrgent`. A condition looks at optional fields of the event
/// through optional chaining; an event without the field simply does not match.
public struct EventFilter: Sendable {
  /// Shown in listings and logs.
  public let name: String
  let matches: @Sendable (EventView) -> Bool

  public init(_ name: String = "filter", _ matches: @escaping @Sendable (EventView) -> Bool) {
    self.name = name
    self.matches = matches
  }

  public static func && (first: EventFilter, second: EventFilter) -> EventFilter {
    EventFilter("(\(first.name) && \(second.name))") { first.matches($0) && second.matches($0) }
  }

  public static func || (first: EventFilter, second: EventFilter) -> EventFilter {
    EventFilter("(\(first.name) || \(second.name))") { first.matches($0) || second.matches($0) }
  }

  public static prefix func ! (filter: EventFilter) -> EventFilter {
    EventFilter("!\(filter.name)") { !filter.matches($0) }
  }

  /// Decorates a receiver.
  public func callAsFunction(_ receiver: @escaping Receiver) -> Receiver {
    { event, context in
      if matches(event) { try await receiver(event, context) }
    }
  }

  /// One filter over this one and another.
  public func callAsFunction(_ other: EventFilter) -> EventFilter { self && other }
}

/// Called with each event it is registered for, inside the mutation's transaction.
public typealias Receiver = @Sendable (EventView, ReceiverContext) async throws -> Void

/// A filter from a predicate: `filterEvents { $0.workItem?.task == "review" }`.
public func filterEvents(
  _ name: String = "filter", _ predicate: @escaping @Sendable (EventView) -> Bool
) -> EventFilter {
  EventFilter(name, predicate)
}
