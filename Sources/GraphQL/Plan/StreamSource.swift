/// Where the events of a subscription's root field come from.
///
/// Spec: 6.2.3.1 "Source Stream", `ResolveFieldEventStream`. As a step of the plan it hands the event's rows on; how
/// a response is made of one event is no different from how a query is answered.
open class StreamSource: StepSource, @unchecked Sendable {  // immutable after initialisation; subclasses keep to that
  /// Opens the stream of events that one subscriber gets.
  ///
  /// - Throws: what keeps the subscription from starting; the subscriber gets it as an error of the request.
  open func events(_ request: StreamRequest) async throws(GraphQLError) -> any SourceEventStream {
    throw GraphQLError("The source \(name) has no events.")
  }

  public final override func begin(_ request: StepRequest) -> StepResult {
    request.event?.begin(request) ?? .failed(GraphQLError("Subscriptions need a transport that streams."))
  }
}

/// What a subscription asks of its source.
public struct StreamRequest {
  /// The root field's coerced arguments.
  public let arguments: ValueObject
  /// What the host of the executor knows of the request.
  public let context: ExecutionContext
}

/// The events of one subscriber, in order. Used on one thread only.
public protocol SourceEventStream: AnyObject {
  /// Waits for the next event; nil when there will be none. Not called again before it has answered, so a source
  /// that is asked late knows that its subscriber is slow.
  ///
  /// - Throws: what broke the stream; nothing comes after it.
  func next() async throws(GraphQLError) -> SourceEvent?

  /// Ends the stream: a waiting `next` answers nil, and so does every later one. May be called more than once.
  func cancel()
}

/// One event: the root value that a response is made from. Used on one thread only.
open class SourceEvent {
  public init() {}

  /// The rows of the subscription's root field; `request.parentCount` is 1.
  open func begin(_ request: StepRequest) -> StepResult {
    .failed(GraphQLError("The event does not deliver rows."))
  }
}
