import GraphQL
import WorkflowEngine

/// What the objects in a file of definitions have: the order of their members, what each takes, and what stands for
/// one that is left out.
struct DefinitionShape {
  enum Kind {
    case slug
    case text
    /// From language to text; a name has one that is not blank.
    case localized(isName: Bool)
    case object
    case boolean
    case number
    case choice([String])
    case slugs
    case flows
    /// Expressions for groups, and for tasks.
    case groups, tasks
    /// What a typed node does.
    case node
  }

  struct Member {
    let name: String
    let kind: Kind
    /// The JSON text for a member that is left out; nil for one that has to be there.
    let fallback: String?
  }

  let members: [Member]

  func member(_ name: String) -> Member? { members.first { $0.name == name } }

  static let task = DefinitionShape(members: [
    Member(name: "slug", kind: .slug, fallback: nil),
    Member(name: "type", kind: .choice(TaskType.allCases.map(\.rawValue)), fallback: nil),
    Member(name: "name", kind: .localized(isName: true), fallback: nil),
    Member(name: "description", kind: .localized(isName: false), fallback: "{}"),
    Member(name: "meta", kind: .object, fallback: "{}"),
    Member(name: "addressGroups", kind: .groups, fallback: "null"),
    Member(name: "controlGroups", kind: .groups, fallback: "null"),
    Member(name: "form", kind: .text, fallback: "null"),
    Member(name: "leadTime", kind: .number, fallback: "null"),
    Member(name: "isMultipleInstance", kind: .boolean, fallback: "false"),
    Member(name: "continueAsync", kind: .boolean, fallback: "false"),
    Member(name: "isArchived", kind: .boolean, fallback: "false"),
    Member(name: "node", kind: .node, fallback: "null"),
  ])

  static let workflow = DefinitionShape(members: [
    Member(name: "slug", kind: .slug, fallback: nil),
    Member(name: "name", kind: .localized(isName: true), fallback: nil),
    Member(name: "description", kind: .localized(isName: false), fallback: "{}"),
    Member(name: "meta", kind: .object, fallback: "{}"),
    Member(name: "isPublished", kind: .boolean, fallback: "false"),
    Member(name: "isArchived", kind: .boolean, fallback: "false"),
    Member(name: "allowAllForms", kind: .boolean, fallback: "false"),
    Member(
      name: "compatibility", kind: .choice([Compatibility.exact, .caluma].map(\.rawValue)), fallback: "\"exact\""),
    Member(name: "versioning", kind: .choice(Versioning.allCases.map(\.rawValue)), fallback: "\"live\""),
    Member(name: "startTasks", kind: .slugs, fallback: nil),
    Member(name: "flows", kind: .flows, fallback: "[]"),
  ])

  static let flow = DefinitionShape(members: [
    Member(name: "tasks", kind: .slugs, fallback: nil),
    Member(name: "next", kind: .tasks, fallback: nil),
    Member(name: "redoable", kind: .tasks, fallback: "null"),
  ])
}
