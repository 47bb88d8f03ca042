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
      print(Self.report(names, modules, registry.listing), terminator: "")
    } catch {
      Environment.fail(error)
    }
  }

  static func report(_ names: [String], _ modules: ModuleList, _ listing: [RegistrationListing]) -> String {
    guard !names.isEmpty else { return "No modules: EVENT_RECEIVER_MODULES names none.\n" }
    var text = ""
    for name in names {
      switch modules.origin(of: name) {
      case .linked: text += "\(name): linked into this executable\n"
      case .library(let path): text += "\(name): \(path)\n"
      }
    }
    guard !listing.isEmpty else { return text + "\nNo receivers.\n" }
    var rows = [["order", "event", "sender", "filter", "module", "receiver", "called", "an error"]]
    for (number, receiver) in listing.enumerated() {
      rows.append([
        "\(number + 1)", receiver.event, receiver.sender ?? "any", receiver.filter ?? "-", receiver.module, receiver.name,
        receiver.isAfterCommit ? "after the commit" : "in the transaction",
        receiver.raiseException ? "rolls back" : "is logged",
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        line += column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
      }
      text += (row[0] == "order" ? "\n" : "") + line + "\n"
    }
    return text
  }
}
