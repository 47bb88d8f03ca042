/// A condition on events or model events: decorates a receiver so that it is called only where the condition holds.
///
/// A value, so that filters compose: `isReview && !isUrgent`. An event that lacks a field which a filter takes skips
/// the receiver, also where the filter is negated: neither the condition nor its opposite can be said of it. As in SQL,
/// the rest of a composition may decide without it.
public struct Filter<Subject: Sendable>: Sendable {
  /// Shown in listings and logs.
  public let name: String
  /// Nil where the subject lacks a field.
  private let holds: @Sendable (Subject) -> Bool?

  public init(_ name: String = "filter", _ matches: @escaping @Sendable (Subject) -> Bool) {
    self.init(name, holds: matches)
  }

  fileprivate init(_ name: String, holds: @escaping @Sendable (Subject) -> Bool?) {
    self.name = name
    self.holds = holds
  }

  func matches(_ subject: Subject) -> Bool { holds(subject) ?? false }

  public static func && (first: Filter, second: Filter) -> Filter {
    Filter("(\(first.name) && \(second.name))", holds: { both(first.holds($0), second.holds($0)) })
  }

  public static func || (first: Filter, second: Filter) -> Filter {
    Filter("(\(first.name) || \(second.name))", holds: { either(first.holds($0), second.holds($0)) })
  }

  public static prefix func ! (filter: Filter) -> Filter {
    Filter("!\(filter.name)", holds: { filter.holds($0).map { !$0 } })
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

private func both(_ first: Bool?, _ second: @autoclosure () -> Bool?) -> Bool? {
  if first == false { return false }
  let second = second()
  if second == false { return false }
  return first == nil || second == nil ? nil : true
}

private func either(_ first: Bool?, _ second: @autoclosure () -> Bool?) -> Bool? {
  if first == true { return true }
  let second = second()
  if second == true { return true }
  return first == nil || second == nil ? nil : false
}

/// A condition on events.
public typealias EventFilter = Filter<EventView>
/// A condition on model events.
public typealias ModelEventFilter = Filter<ModelEvent>

/// Called with each event it is registered for, inside the mutation's transaction.
public typealias Receiver = @Sendable (EventView, ReceiverContext) async throws -> Void
/// Called with each model event it is registered for, inside the mutation's transaction.
public typealias ModelReceiver = @Sendable (ModelEvent, ReceiverContext) async throws -> Void

/// A filter from a predicate: `filterEvents { $0.workItem?.task == "review" }`. It looks at fields by optional
/// chaining, and decides itself what the lack of one means.
public func filterEvents(
  _ name: String = "filter", _ predicate: @escaping @Sendable (EventView) -> Bool
) -> EventFilter {
  EventFilter(name, predicate)
}

/// A filter over fields of the event, given as key paths: `filterEvents(\.workItem, \.user) { $0.task == "review" &&
/// $1 != "system" }`. An event that lacks one of the fields skips the receiver.
public func filterEvents<each Field>(
  _ name: String = "filter", _ fields: repeat any KeyPath<EventView, (each Field)?> & Sendable,
  where predicate: @escaping @Sendable (repeat each Field) -> Bool
) -> EventFilter {
  let paths = (repeat each fields)
  return EventFilter(name, holds: { event in
    do throws(MissingField) {
      return predicate(repeat try present(event[keyPath: each paths]))
    } catch {
      return nil
    }
  })
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
