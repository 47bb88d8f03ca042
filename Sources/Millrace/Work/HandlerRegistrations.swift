/// The job handlers of modules, gathered while the server starts.
public struct HandlerRegistrations: Sendable {
  public private(set) var handlers: [String: JobHandler] = [:]

  /// Gives a handler the name under which tasks and jobs ask for it. A later one with the same name takes its place.
  public mutating func register(_ name: String, _ handler: @escaping JobHandler) {
    handlers[name] = handler
  }
}
