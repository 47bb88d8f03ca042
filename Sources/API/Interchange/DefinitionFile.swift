import Expressions
import GraphQL
import Millrace
import WorkflowEngine
import WorkflowStore

/// A file of definitions: tasks and workflows with their flows, as JSON. Whatever it says is checked when it is read,
/// but for names that only the database may know.
public struct DefinitionFile: Sendable {
  /// The version of the format that this server writes; it reads this one.
  public static let version: Int64 = 1

  /// Why a file is refused, and where.
  public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    public let message: String
    public let line: Int
    public let column: Int

    public var description: String { "\(line):\(column): \(message)" }
  }

  struct Task {
    let slug: String
    /// The whole object, with what was left out.
    let json: String
  }

  struct Workflow {
    let slug: String
    /// The whole object, with what was left out, but without the flows.
    let json: String
    let startTasks: [String]
    let flows: [Flow]
  }

  struct Flow {
    let tasks: [String]
    let next: String
    let redoable: String?
    let json: String
  }

  /// A task that is named, and where.
  struct Reference {
    let task: String
    let offset: Int
  }

  private let document: JSONDocument
  private(set) var tasks: [Task] = []
  private(set) var workflows: [Workflow] = []
  private(set) var references: [Reference] = []

  public init(_ text: String) throws(Failure) {
    do throws(JSONDocument.Failure) {
      document = try JSONDocument(text)
    } catch {
      throw Self.failure(error.message, at: error.offset, in: ContiguousArray(text.utf8))
    }
    let root = document.root
    guard root.kind == .object, root["millrace"]?.string == "definitions" else {
      throw failure(
        "This is no file of definitions: it has to be an object with \"millrace\": \"definitions\".", at: root)
    }
    guard let version = root["version"], version.int == Self.version else {
      throw failure("The version of the file has to be \(Self.version).", at: root["version"] ?? root)
    }
    for (name, value) in root.members where !["millrace", "version", "tasks", "workflows"].contains(name) {
      throw failure("There is no member \"\(name)\" here.", at: value)
    }
    for value in try items(root["tasks"], "tasks") { try readTask(value) }
    for value in try items(root["workflows"], "workflows") { try readWorkflow(value) }
  }

  // MARK: Errors

  func failure(_ message: String, at value: JSONValue) -> Failure {
    // A text is pointed at with its quote.
    Self.failure(message, at: value.offset - (value.kind == .string ? 1 : 0), in: document.bytes)
  }

  func failure(_ message: String, at offset: Int) -> Failure {
    Self.failure(message, at: offset, in: document.bytes)
  }

  private static func failure(_ message: String, at offset: Int, in bytes: ContiguousArray<UInt8>) -> Failure {
    let place = bytes.withUnsafeBufferPointer { SourceLocation(offset: offset, in: $0) }
    return Failure(message: message, line: place.line, column: place.column)
  }

  // MARK: Objects

  private func items(_ value: JSONValue?, _ name: String) throws(Failure) -> [JSONValue] {
    guard let value else { return [] }
    guard value.kind == .array else { throw failure("\"\(name)\" has to be a list.", at: value) }
    return value.items
  }

  private mutating func readTask(_ value: JSONValue) throws(Failure) {
    let (json, members) = try object(value, .task)
    let slug = members["slug"]?.string ?? ""
    guard !tasks.contains(where: { $0.slug == slug }) else {
      throw failure("The task \(slug) stands twice in the file.", at: members["slug"] ?? value)
    }
    if members["continueAsync"]?.boolean == true, members["isMultipleInstance"]?.boolean != true {
      throw failure("Only multiple instance tasks can continue asynchronously", at: members["continueAsync"] ?? value)
    }
    tasks.append(Task(slug: slug, json: json))
  }

  private mutating func readWorkflow(_ value: JSONValue) throws(Failure) {
    let (json, members) = try object(value, .workflow)
    let slug = members["slug"]?.string ?? ""
    guard !workflows.contains(where: { $0.slug == slug }) else {
      throw failure("The workflow \(slug) stands twice in the file.", at: members["slug"] ?? value)
    }
    let startTasks = try slugs(members["startTasks"])
    var flows: [Flow] = []
    var sources: Set<String> = []
    for item in members["flows"]?.items ?? [] {
      let flow = try readFlow(item)
      for task in flow.tasks where !sources.insert(task).inserted {
        throw failure("The task \(task) has two flows in the workflow \(slug).", at: item)
      }
      flows.append(flow)
    }
    workflows.append(Workflow(slug: slug, json: json, startTasks: startTasks, flows: flows))
  }

  private mutating func readFlow(_ value: JSONValue) throws(Failure) -> Flow {
    let (json, members) = try object(value, .flow)
    let tasks = try slugs(members["tasks"])
    var named = 0
    for name in ["next", "redoable"] {
      guard let member = members[name], let text = member.string, name == "next" || !text.isEmpty else { continue }
      let analysis = try analysis(text, at: member)
      if let problem = FlowExpression.problems(of: analysis, isTask: { _ in true }).first {
        throw failure(problem, at: member)
      }
      references += analysis.tasks.map { Reference(task: $0, offset: member.offset - 1) }
      named += analysis.tasks.count
    }
    guard named > 0 else { throw failure("Either `next` or `redoable` must contain tasks", at: value) }
    return Flow(tasks: tasks, next: members["next"]?.string ?? "", redoable: members["redoable"]?.string, json: json)
  }

  private mutating func slugs(_ value: JSONValue?) throws(Failure) -> [String] {
    var slugs: [String] = []
    for item in value?.items ?? [] {
      let slug = item.string ?? ""
      guard !slugs.contains(slug) else { throw failure("The task \(slug) stands twice in the list.", at: item) }
      slugs.append(slug)
      references.append(Reference(task: slug, offset: item.offset - 1))
    }
    return slugs
  }

  /// The object as one JSON text with every member but the flows, and its members.
  private func object(
    _ value: JSONValue, _ shape: DefinitionShape
  ) throws(Failure) -> (json: String, members: [String: JSONValue]) {
    guard value.kind == .object else { throw failure("This has to be an object.", at: value) }
    var members: [String: JSONValue] = [:]
    for (name, member) in value.members {
      guard let expected = shape.member(name) else {
        throw failure("There is no member \"\(name)\" here.", at: member)
      }
      guard members.updateValue(member, forKey: name) == nil else {
        throw failure("\"\(name)\" stands twice.", at: member)
      }
      try check(member, expected)
    }
    var parts: [String] = []
    for member in shape.members {
      guard let text = members[member.name]?.text ?? member.fallback else {
        throw failure("\"\(member.name)\" is missing.", at: value)
      }
      if case .flows = member.kind { continue }
      parts.append("\"\(member.name)\":\(text)")
    }
    return ("{\(parts.joined(separator: ","))}", members)
  }

  // MARK: Members

  private func check(_ value: JSONValue, _ member: DefinitionShape.Member) throws(Failure) {
    if value.isNull, member.fallback == "null" { return }
    switch member.kind {
    case .slug:
      guard let text = value.string else { throw wrong(value, member, "a text") }
      try millrace(value) { () throws(MillraceError) in try DefinitionChecks.slug(text) }
    case .text:
      guard value.kind == .string else { throw wrong(value, member, "a text") }
    case .localized(let isName): try checkTexts(value, member, isName: isName)
    case .object:
      guard value.kind == .object else { throw wrong(value, member, "an object") }
    case .boolean:
      guard value.boolean != nil else { throw wrong(value, member, "true or false") }
    case .number:
      guard let number = value.int, (0...Int64(Int32.max)).contains(number) else {
        throw wrong(value, member, "a whole number, not less than 0")
      }
    case .choice(let names):
      guard let text = value.string, names.contains(text) else {
        throw wrong(value, member, names.map { "\"\($0)\"" }.joined(separator: " or "))
      }
    case .slugs:
      guard value.kind == .array, !value.items.isEmpty, value.items.allSatisfy({ $0.kind == .string }) else {
        throw wrong(value, member, "a list of texts, not empty")
      }
    case .flows:
      guard value.kind == .array else { throw wrong(value, member, "a list") }
    case .groups:
      guard let text = value.string else { throw wrong(value, member, "a text") }
      guard !text.isEmpty else { return }
      let problems = GroupExpression.problems(of: try analysis(text, at: value))
      if let first = problems.first { throw failure(first, at: value) }
    case .tasks:
      guard value.kind == .string else { throw wrong(value, member, "a text") }
    case .node: try checkNode(value, member)
    }
  }

  private func checkTexts(_ value: JSONValue, _ member: DefinitionShape.Member, isName: Bool) throws(Failure) {
    guard value.kind == .object, value.members.allSatisfy({ $0.value.kind == .string || $0.value.isNull }) else {
      throw wrong(value, member, "an object from language to text")
    }
    guard isName else { return }
    let text = value.members.compactMap(\.value.string).first { $0.contains { !$0.isWhitespace } } ?? ""
    try millrace(value) { () throws(MillraceError) in try DefinitionChecks.name(text) }
  }

  private func checkNode(_ value: JSONValue, _ member: DefinitionShape.Member) throws(Failure) {
    guard value.kind == .object, let found = Expressions.Value(json: value.text) else {
      throw wrong(value, member, "an object")
    }
    let node: NodeDefinition
    do throws(NodeJSON.Problem) {
      node = try NodeJSON.node(found)
    } catch {
      throw failure("node: \(error.description)", at: value)
    }
    for expression in node.expressions { _ = try analysis(expression, at: value) }
  }

  private func wrong(_ value: JSONValue, _ member: DefinitionShape.Member, _ expected: String) -> Failure {
    failure("\"\(member.name)\" has to be \(expected).", at: value)
  }

  private func millrace(_ value: JSONValue, _ check: () throws(MillraceError) -> Void) throws(Failure) {
    do throws(MillraceError) {
      try check()
    } catch {
      throw failure(error.message, at: value)
    }
  }

  private func analysis(_ text: String, at value: JSONValue) throws(Failure) -> Analysis {
    do throws(ExpressionError) {
      return try Expression(text).analyze()
    } catch {
      throw failure("Could not parse expression: \(error.explanation)", at: value)
    }
  }
}

extension JSONValue {
  /// The element as it stands in the text.
  var text: String {
    let text = withBytes { String(decoding: $0, as: UTF8.self) }
    return kind == .string ? "\"\(text)\"" : text
  }
}
