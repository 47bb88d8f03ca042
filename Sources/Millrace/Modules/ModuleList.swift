import Expressions

/// The modules that are linked into a server, and the choice among them.
public struct ModuleList: Sendable {
  public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// Where a module comes from.
  public enum Origin: Sendable, Equatable {
    case linked
    /// The path of its library.
    case library(String)
  }

  private var linked: [any MillraceModule.Type]
  private var origins: [String: Origin] = [:]

  public init(linked: [any MillraceModule.Type]) {
    self.linked = linked
  }

  /// Loads the shared libraries among the names.
  ///
  /// - Returns: the names of all modules that were named, those of libraries included, in their order.
  /// - Throws: the path of a library that cannot be used, and why.
  public mutating func load(_ names: [String]) throws(Failure) -> [String] {
    var found: [String] = []
    var paths: Set<String> = []
    for name in names {
      guard SharedLibrary.isPath(name) else {
        found.append(name)
        continue
      }
      guard paths.insert(name).inserted else { throw Failure(description: "The module \(name) is named twice.") }
      let module = try SharedLibrary.module(at: name)
      guard !linked.contains(where: { $0.name == module.name }) else {
        throw Failure(description: "Two modules are called \(module.name); one of them is \(name).")
      }
      linked.append(module)
      origins[module.name] = .library(name)
      found.append(module.name)
    }
    return found
  }

  public func origin(of name: String) -> Origin { origins[name] ?? .linked }

  /// The receivers of the named modules, in the order of the names.
  ///
  /// - Throws: when a name is unknown or stands twice, or two modules or two functions of hooks have the same name.
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
    if let problem = registry.hooks.problems.first { throw Failure(description: problem) }
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
      return trimmed.split(separator: ",").map {
        String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
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
