import GraphQL
import Postgres
import WorkflowEngine

/// The id of an object among all objects: its type and its key, in base64.
enum GlobalID {
  static func write(type: String, uuid: UUID128, into output: OutputBuffer) {
    output.appendByte(UInt8(ascii: "\""))
    var bytes = ContiguousArray(type.utf8)
    bytes.append(UInt8(ascii: ":"))
    uuid.write { bytes.append($0) }
    Base64.encode(bytes) { output.appendByte($0) }
    output.appendByte(UInt8(ascii: "\""))
  }

  static func workItem(_ id: EntityID) -> String {
    var text: [UInt8] = []
    Base64.encode(ContiguousArray("WorkItem:\(id)".utf8)) { text.append($0) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The type and the key of a global id; nil when the text is none.
  static func decode(_ text: String) -> (type: String, key: String)? {
    guard let bytes = Base64.decode(text.utf8), let plain = String(validating: bytes, as: UTF8.self),
      let colon = plain.firstIndex(of: ":"), colon > plain.startIndex
    else { return nil }
    let type = plain[..<colon]
    guard type.utf8.allSatisfy({ ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }) else {
      return nil
    }
    return (String(type), String(plain[plain.index(after: colon)...]))
  }

  private static let types: Set = [
    "Case", "WorkItem", "Workflow", "Flow", "Task", "SimpleTask", "CompleteWorkflowFormTask",
    "CompleteTaskFormTask", "Form", "Document", "Hook", "HookDelivery", "Job", "NodeTask",
  ]

  /// The key that an input means: a global id's, or the text itself. Any type that exists will do, as in Caluma.
  static func key(_ text: String) -> String {
    guard let id = decode(text), types.contains(id.type) else { return text }
    return id.key
  }

  /// As `key`, where the key is a UUID.
  ///
  /// - Throws: when it is none.
  static func uuid(_ text: String) throws(GraphQLError) -> UUID128 {
    let key = key(text)
    guard let uuid = UUID128(key) else {
      throw GraphQLError("\u{201C}\(key)\u{201D} is not a valid UUID.", code: "INVALID_INPUT")
    }
    return uuid
  }
}
