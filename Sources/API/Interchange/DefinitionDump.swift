import GraphQL
import Postgres
import WorkflowStore

/// All definitions of a database as a file: in one order, one value a line, without what is as if it were left out,
/// so that a change of a definition is a small change of the file.
public enum DefinitionDump {
  public static func text(from database: Database) async throws -> String {
    let all = try await database.transaction(isReadOnly: true) { transaction in
      transaction.send("set transaction isolation level repeatable read, read only")
      return try await DefinitionImage.read(holding: false, in: transaction)
    }
    return try text(all)
  }

  static func text(_ all: DefinitionImage.All) throws -> String {
    var writer = IndentedJSON()
    writer.open("{")
    writer.member("millrace")
    writer.raw("\"definitions\"")
    writer.member("version")
    writer.raw("\(DefinitionFile.version)")
    writer.member("tasks")
    try list(sorted(all.tasks), .task, &writer) { _, _ in }
    writer.member("workflows")
    try list(sorted(all.workflows), .workflow, &writer) { slug, writer in
      let flows = try all.flows.filter { $0.workflow == slug }.map { (json: $0.json, tasks: try firstTask($0.json)) }
      guard !flows.isEmpty else { return }
      writer.member("flows")
      let inOrder = flows.sorted { precedes($0.tasks, $1.tasks) }.map { (key: "", json: $0.json) }
      try list(inOrder, .flow, &writer) { _, _ in }
    }
    writer.close("}")
    return writer.text + "\n"
  }

  private static func list(
    _ entries: [(key: String, json: String)], _ shape: DefinitionShape, _ writer: inout IndentedJSON,
    _ more: (String, inout IndentedJSON) throws -> Void
  ) throws {
    writer.open("[")
    for entry in entries {
      writer.item()
      writer.open("{")
      let object = try JSONDocument(entry.json).root
      for member in shape.members {
        guard let value = object[member.name], value.text != member.fallback else { continue }
        writer.member(member.name)
        writer.value(value)
      }
      try more(entry.key, &writer)
      writer.close("}")
    }
    writer.close("]")
  }

  private static func sorted(_ entries: [String: String]) -> [(key: String, json: String)] {
    entries.map { (key: $0.key, json: $0.value) }.sorted { precedes($0.key, $1.key) }
  }

  /// What orders the flows of a workflow: a task has one flow at most.
  private static func firstTask(_ json: String) throws -> String {
    let tasks = try JSONDocument(json).root["tasks"]?.items.compactMap(\.string) ?? []
    return tasks.min(by: precedes) ?? ""
  }

  /// By bytes: the same on every machine.
  static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}
