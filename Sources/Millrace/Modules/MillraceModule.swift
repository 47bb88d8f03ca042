/// An extension: receivers and rules that a server takes in when its configuration names it.
public protocol MillraceModule: Sendable {
  /// What `EVENT_RECEIVER_MODULES` calls the module.
  static var name: String { get }
  /// Registers the module's receivers. Called once, while the server starts, if the module is named.
  static func register(_ events: inout ReceiverRegistry)
  /// Registers visibilities, permissions, validations and whatever else rules may be. Called once, while the server
  /// starts; variables such as `VISIBILITY_CLASSES` may choose among all that is registered.
  static func extend(_ extensions: inout ExtensionRegistry)
}

extension MillraceModule {
  public static func register(_ events: inout ReceiverRegistry) {}
  public static func extend(_ extensions: inout ExtensionRegistry) {}
}
