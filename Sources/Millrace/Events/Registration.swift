import WorkflowEngine

/// What can be received: an event, or a model event.
public protocol ReceiverSubject: Sendable {
  associatedtype Name: RawRepresentable<String>, Sendable
  associatedtype Sender: RawRepresentable<String>, Equatable, Sendable
  var name: Name { get }
  var sender: Sender { get }
}

extension EventView: ReceiverSubject {}
extension ModelEvent: ReceiverSubject {}

/// One receiver of one event.
public struct Registration<Subject: ReceiverSubject>: Sendable {
  public let event: Subject.Name
  /// Which mutation has to have caused the event, or whose model event it has to be; nil for any.
  public let sender: Subject.Sender?
  /// Whether an error rolls the mutation back.
  public let raiseException: Bool
  /// Whether the receiver is called after the commit, without delaying the reply.
  public let isAfterCommit: Bool
  public let module: String
  /// The receiver's name, or where it was registered.
  public let name: String
  public let filter: Filter<Subject>?
  let receiver: @Sendable (Subject, ReceiverContext) async throws -> Void

  func matches(_ subject: Subject) -> Bool {
    if let sender, sender != subject.sender { return false }
    if let filter, !filter.matches(subject) { return false }
    return true
  }
}

/// A registration in words, for listings.
public struct RegistrationListing: Sendable, Equatable {
  public let module: String
  public let event: String
  public let sender: String?
  public let filter: String?
  public let name: String
  public let raiseException: Bool
  public let isAfterCommit: Bool

  init<Subject>(_ registration: Registration<Subject>) {
    module = registration.module
    event = registration.event.rawValue
    sender = registration.sender?.rawValue
    filter = registration.filter?.name
    name = registration.name
    raiseException = registration.raiseException
    isAfterCommit = registration.isAfterCommit
  }
}
