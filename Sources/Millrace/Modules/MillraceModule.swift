import Expressions

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

/// The modules that are linked into a server, and the choice among them.
public struct ModuleList: Sendable {
  public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String
  }

  private let linked: [any MillraceModule.Type]

  public init(linked: [any MillraceModule.Type]) {
    self.linked = linked
  }

  /// The receivers of the named modules, in the order of the names.
  ///
  /// - Throws: when a name is unknown or stands twice, or two linked modules have the same name.
  public func receivers(of names: [String]) throws(Failure) -> ReceiverRegistry {
    var byName: [String: any MillraceModule.Type] = [:]
    for module in linked {
      guard byName.updateValue(module, forKey: module.name) == nil else {
        throw Failure(description: "Two modules are called \(module.name).")
      }
    }
    var registry = ReceiverRegistry()
    var seen: Set<String> = []
    for name in names {
      guard let module = byName[name] else {
        let known = byName.keys.sorted().joined(separator: ", ")
        throw Failure(
          description: "There is no module \(name). This server has: \(known.isEmpty ? "none" : known).")
      }
      guard seen.insert(name).inserted else { throw Failure(description: "The module \(name) is named twice.") }
      registry.module = name
      module.register(&registry)
    }
    return registry
  }

  /// What the server uses of all that its modules register: what `selection` names, or what the named modules have.
  ///
  /// - Throws: when something names what nobody registers, or was registered wrongly.
  public func extensions(
    of names: [String], selection: ExtensionSelection = ExtensionSelection()
  ) throws(ExtensionTable.Failure) -> ExtensionTable {
    var registry = ExtensionRegistry()
    for module in linked {
      registry.module = module.name
      module.extend(&registry)
    }
    return try ExtensionTable(registry, modules: names, selection: selection)
  }

  /// Names from a setting: a JSON list of texts, or names with commas between them.
  public static func names(in setting: String) throws(Failure) -> [String] {
    let trimmed = setting.drop { $0 == " " }
    guard trimmed.hasPrefix("[") else {
      return trimmed.split(separator: ",").map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
        .filter { !$0.isEmpty }
    }
    var environment = EmptyEnvironment()
    guard let list = try? Expression(String(trimmed)).evaluate(in: &environment), case .array(let items) = list else {
      throw Failure(description: "\(setting) is neither a JSON list of names nor names with commas.")
    }
    var names: [String] = []
    for case .string(let name) in items { names.append(name) }
    guard names.count == items.count else {
      throw Failure(description: "\(setting) lists something that is not a name.")
    }
    return names
  }
}
