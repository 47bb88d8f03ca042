import Expressions
import WorkflowEngine

/// Artifacts as the database and the event log keep them.
enum ArtifactJSON {
  /// Nil for none.
  static func text(_ artifacts: [Artifact]) -> String? {
    guard !artifacts.isEmpty else { return nil }
    let values = artifacts.map { artifact in
      Value.object(
        [("name", artifact.name), ("type", artifact.type), ("key", artifact.key), ("url", artifact.url)]
          .compactMap { key, text in text.map { Value.Member(key: key, value: .string($0)) } })
    }
    return Value.array(values).json
  }

  static func artifacts(_ text: String) -> [Artifact] {
    guard case .array(let values)? = Value(json: text) else { return [] }
    return values.map { value in
      func text(_ key: String) -> String? {
        if case .string(let text)? = value[key] { text } else { nil }
      }
      return Artifact(name: text("name") ?? "", type: text("type") ?? "", key: text("key"), url: text("url"))
    }
  }
}
