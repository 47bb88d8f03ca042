import GraphQL

/// What the doctor says about one thing.
struct Finding: Sendable, Equatable {
  enum Level: String, Sendable {
    case ok, warning, error
  }

  let level: Level
  /// `configuration`, `database`, `migrations`, `definitions`, `cases`.
  let area: String
  /// Stable.
  let code: String
  let message: String
  /// What it is about; the first ones of `count`.
  var subjects: [String] = []
  var count: Int64 = 0

  var text: String {
    let mark = [Level.ok: "ok      ", .warning: "warning ", .error: "ERROR   "][level] ?? ""
    let list = subjects.map { "\n          \($0)" }.joined()
    let rest = count - Int64(subjects.count)
    return "\(mark)\(area): \(message)\(list)\(rest > 0 ? "\n          and \(rest) more" : "")"
  }

  var json: Value {
    .object(
      ValueObject([
        .init(name: "level", value: .string(level.rawValue)), .init(name: "area", value: .string(area)),
        .init(name: "code", value: .string(code)), .init(name: "message", value: .string(message)),
        .init(name: "subjects", value: .list(subjects.map { .string($0) })), .init(name: "count", value: .int(count)),
      ]))
  }
}
