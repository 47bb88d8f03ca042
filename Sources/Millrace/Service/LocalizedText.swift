import Expressions
import WorkflowEngine

/// Text in several languages: JSON text of an object from language to text.
package enum LocalizedText {
  /// One text in all languages of another.
  package static func text(_ text: String, like other: String) -> String? {
    guard case .object(let members) = Value(json: other), !members.isEmpty else { return nil }
    return Value.object(members.map { Value.Member(key: $0.key, value: .string(text)) }).json
  }

  /// `stored` with the languages of `change`; `fallback` when no language has text then.
  static func merge(_ change: String, into stored: String, fallback: String) -> String {
    guard case .object(let changes) = Value(json: change), !changes.isEmpty else { return fallback }
    var members: [Value.Member] = []
    if case .object(let known) = Value(json: stored) { members = known }
    for new in changes {
      if let place = members.firstIndex(where: { $0.key == new.key }) {
        members[place].value = new.value
      } else {
        members.append(new)
      }
    }
    let hasText = members.contains { member in
      if case .string(let text) = member.value { !text.isEmpty } else { false }
    }
    return hasText ? Value.object(members).json : fallback
  }
}

extension SaveWorkItem {
  /// The input with the languages that it does not speak of; an item without any text has its task's.
  func completed(from item: WorkItem, task: TaskDefinition?) -> SaveWorkItem {
    var input = self
    input.name = name.map { LocalizedText.merge($0, into: item.name, fallback: task?.name ?? "{}") }
    input.description = description.map {
      LocalizedText.merge($0, into: item.description, fallback: task?.description ?? "{}")
    }
    return input
  }
}
