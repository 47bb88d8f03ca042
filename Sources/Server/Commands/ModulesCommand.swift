import ArgumentParser
import Millrace

/// `millrace modules`: what a server with these settings would load, and who is called when.
struct Modules: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the modules that would be loaded, and their receivers in the order of their calls.",
    discussion: "Takes the options and variables of `millrace serve`.")

  @OptionGroup var flags: SettingFlags

  func run() throws {
    if flags.wantsHelp { throw CleanExit.helpRequest(Modules.self) }
    let configuration = try flags.configuration()
    do {
      var modules = ModuleList(linked: MillraceCommandLine.modules)
      let names = try modules.load(configuration.modules)
      let registry = try modules.receivers(of: names)
      _ = try modules.extensions(of: names, selection: configuration.extensions)
      print(Self.report(names, modules, registry), terminator: "")
    } catch {
      Environment.fail(error)
    }
  }

  static func report(_ names: [String], _ modules: ModuleList, _ registry: ReceiverRegistry) -> String {
    guard !names.isEmpty else { return "No modules: EVENT_RECEIVER_MODULES names none.\n" }
    var text = ""
    for name in names {
      switch modules.origin(of: name) {
      case .linked: text += "\(name): linked into this executable\n"
      case .library(let path): text += "\(name): \(path)\n"
      }
    }
    return text + receivers(registry.listing) + functions(registry.hooks)
  }

  private static func receivers(_ listing: [RegistrationListing]) -> String {
    guard !listing.isEmpty else { return "\nNo receivers.\n" }
    var rows = [["order", "event", "sender", "filter", "module", "receiver", "called", "an error"]]
    for (number, receiver) in listing.enumerated() {
      rows.append([
        "\(number + 1)", receiver.event, receiver.sender ?? "any", receiver.filter ?? "-", receiver.module,
        receiver.name,
        receiver.isAfterCommit ? "after the commit" : "in the transaction",
        receiver.raiseException ? "rolls back" : "is logged",
      ])
    }
    return table(rows)
  }

  private static func functions(_ hooks: HookRegistrations) -> String {
    guard !hooks.modules.isEmpty else { return "" }
    let registered = Dictionary(grouping: hooks.hooks) { $0.name ?? "" }
    var rows = [["function of hooks", "module", "registers"]]
    for (name, module) in hooks.modules.sorted(by: { $0.key < $1.key }) {
      rows.append([name, module, registered[name]?.first.map { "a hook of \(scope(of: $0))" } ?? "-"])
    }
    return table(rows)
  }

  private static func scope(of hook: HookInput) -> String {
    var text = hook.moment.value == .before ? "what is about to happen in " : "what happened in "
    text += hook.workflow.value.flatMap { $0 } ?? "any workflow"
    if let source = hook.source.value.flatMap({ $0 }) { text += " from \(source)" }
    if let destination = hook.destination.value.flatMap({ $0 }) { text += " to \(destination)" }
    return text
  }

  /// Columns with their heads, after an empty line.
  private static func table(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var text = "\n"
    for row in rows {
      for (column, cell) in row.enumerated() {
        text += column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
      }
      text += "\n"
    }
    return text
  }
}
