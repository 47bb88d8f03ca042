import GraphQL

/// Messages of the protocol as JSON.
enum GraphQLSocketMessage {
  static func quoted(_ text: String) -> ContiguousArray<UInt8> {
    let output = OutputBuffer(capacity: text.utf8.count + 2)
    output.appendString(text)
    return ContiguousArray(output.bytes)
  }
}
