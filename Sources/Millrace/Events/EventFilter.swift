/// A condition on events or model events: decorates a receiver so that it is called only where the condition holds.
///
/// A value, so that filters compose: `isReview && !isUrgent`. A condition looks at optional fields of the event;
/// an event without the field does not match, and the receiver is skipped.
public struct Filter<Subject: Sendable>: Sendable {
  /// Shown in listings and logs.
  public let name: String
  let matches: @Sendable (Subject) -> Bool

  public init(_ name: String = "filter", _ matches: @escaping @Sendable (Subject) -> Bool) {
    self.name = name
    self.matches = matches
  }

  public static func && (first: Filter, second: Filter) -> Filter {
    Filter("(\(first.name) && \(second.name))") { first.matches($0) && second.matches($0) }
  }

  public static func || (first: Filter, second: Filter) -> Filter {
    Filter("(\(first.name) || \(second.name))") { first.matches($0) || second.matches($0) }
  }

  /// What the filter does not match, events without its fields included.
  public static prefix func ! (filter: Filter) -> Filter {
    Filter("!\(filter.name)") { !filter.matches($0) }
  }

  /// Decorates a receiver.
  public func callAsFunction(
    _ receiver: @escaping @Sendable (Subject, ReceiverContext) async throws -> Void
  ) -> @Sendable (Subject, ReceiverContext) async throws -> Void {
    { event, context in
      if matches(event) { try await receiver(event, context) }
    }
  }

  /// One filter over this one and another.
  public func callAsFunction(_ other: Filter) -> Filter { self && other }
}

/// A condition on events.
public typealias EventFilter = Filter<EventView>
/// A condition on model events.
public typealias ModelEventFilter = Filter<ModelEvent>

/// Called with each event it is registered for, inside the mutation's transaction.
public typealias Receiver = @Sendable (EventView, ReceiverContext) async throws -> Void
/// Called with each model event it is registered for, inside the mutation's transaction.
public typealias ModelReceiver = @Sendable (ModelEvent, ReceiverContext) async throws -> Void

/// A filter from a predicate: `filterEvents { $0.workItem?.task == "review" }`.
public func filterEvents(
  _ name: String = "filter", _ predicate: @escaping @Sendable (EventView) -> Bool
) -> EventFilter {
  EventFilter(name, predicate)
}

/// A filter over fields of the event, given as key paths: `filterEvents(\.workItem, \.user) { $0.task == "review" &&
/// $1 != "system" }`. An event that lacks one of the fields does not match.
public func filterEvents<each Field>(
  _ name: String = "filter", _ fields: repeat any KeyPath<EventView, (each Field)?> & Sendable,
  where predicate: @escaping @Sendable (repeat each Field) -> Bool
) -> EventFilter {
  let paths = (repeat each fields)
  return EventFilter(name) { event in
    do throws(MissingField) {
      return predicate(repeat try present(event[keyPath: each paths]))
    } catch {
      return false
    }
  }
}

/// A filter of model events from a predicate: `filterModels { $0.workItem?.task == "review" }`.
public func filterModels(
  _ name: String = "filter", _ predicate: @escaping @Sendable (ModelEvent) -> Bool
) -> ModelEventFilter {
  ModelEventFilter(name, predicate)
}

private struct MissingField: Error {}

private func present<Field>(_ field: Field?) throws(MissingField) -> Field {
  guard let field else { throw MissingField() }
  return field
}
