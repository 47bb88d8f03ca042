/// What people read on the items of a node: templates, in which `{{ expression }}` stands for a value.
public struct NodeTexts: Hashable, Sendable {
  /// Becomes the name of a new item.
  public var title: String?
  /// Becomes the description of a new item.
  public var summary: String?
  /// Becomes the description of an item when it is done.
  public var result: String?

  public init(title: String? = nil, summary: String? = nil, result: String? = nil) {
    self.title = title
    self.summary = summary
    self.result = result
  }

  /// The parts of a template: texts and expressions by turns, beginning with a text; nil when a brace is not closed.
  public static func parts(_ template: String) -> [String]? {
    var parts: [String] = [""]
    var rest = Substring(template)
    while let first = rest.first {
      let isInside = parts.count % 2 == 0
      if rest.hasPrefix(isInside ? "}}" : "{{") {
        parts.append("")
        rest = rest.dropFirst(2)
      } else {
        parts[parts.count - 1].append(first)
        rest = rest.dropFirst()
      }
    }
    return parts.count % 2 == 0 ? nil : parts
  }

  /// How long a text may become, in characters.
  static let maximumLength = 2_000
}

extension Execution {
  /// A new item with the texts of its node. A template that cannot be filled in leaves what the task says.
  mutating func titled(_ item: WorkItem, _ task: TaskDefinition) -> WorkItem {
    guard let texts = task.node?.texts else { return item }
    var item = item
    item.name = fill(texts.title, item, task) ?? item.name
    item.description = fill(texts.summary, item, task) ?? item.description
    return item
  }

  /// The description of an item that is done; nil leaves it.
  mutating func resultText(of id: EntityID) -> String? {
    guard definitions.hasNodes, let item = state.workItem(id), let task = task(item.task, in: item.caseID) else {
      return nil
    }
    return fill(task.node?.texts.result, item, task)
  }

  /// In all languages that the task's name has.
  private mutating func fill(_ template: String?, _ item: WorkItem, _ task: TaskDefinition) -> String? {
    guard let template, let parts = NodeTexts.parts(template) else { return nil }
    var text = ""
    for (place, part) in parts.enumerated() {
      guard place % 2 == 1 else {
        text += part
        continue
      }
      do throws(EngineError) {
        let value = try evaluator.value(part, in: scope(of: item))
        text += value.text ?? (value.json == "null" ? "" : value.json)
      } catch {
        return nil
      }
    }
    return evaluator.localized(String(text.prefix(NodeTexts.maximumLength)), like: task.name)
  }
}
