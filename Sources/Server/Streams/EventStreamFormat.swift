/// How server-sent events are asked for and written.
///
/// Source: WHATWG HTML, "Server-sent events"; the protocol GraphQL over Server-Sent Events.
enum EventStreamFormat {
  static let mediaType = "text/event-stream"

  /// What the client thinks of an event stream as the answer.
  enum Wish: Equatable {
    /// It does not take one.
    case none
    /// It takes one, but likes JSON better: for subscriptions only.
    case acceptable
    /// It wants one, whatever the operation is.
    case preferred
  }

  static func wish(accept: String?) -> Wish {
    // Most requests end here: what is as short as the names of JSON does not name anything else besides.
    guard let accept, accept.utf8.count >= mediaType.utf8.count, accept != "application/json" else { return .none }
    let elements = WeightedHeader(accept).elements
    guard let place = elements.firstIndex(where: { $0.value == mediaType && $0.weight > 0 }) else { return .none }
    let json = elements.enumerated().filter {
      $0.element.weight > 0
        && ["application/json", "application/graphql-response+json", "application/*", "*/*"].contains($0.element.value)
    }
    let weight = elements[place].weight
    let isBetter = json.allSatisfy { weight > $0.element.weight || weight == $0.element.weight && place < $0.offset }
    return isBetter ? .preferred : .acceptable
  }

  /// A comment, which clients pass over: tells both sides and everything between them that the stream is alive.
  static let comment = ContiguousArray(":\n\n".utf8)

  /// One event. A line end within the data begins a further data line, as the format has it.
  static func event(
    _ name: StaticString, id: String? = nil, data: ContiguousArray<UInt8>
  ) -> ContiguousArray<UInt8> {
    var bytes = ContiguousArray<UInt8>()
    bytes.reserveCapacity(data.count + 64)
    bytes.append(contentsOf: "event: \(name)\n".utf8)
    if let id { bytes.append(contentsOf: "id: \(id)\n".utf8) }
    // Without a data line a browser does not tell of the event at all.
    bytes.append(contentsOf: "data: ".utf8)
    for byte in data {
      switch byte {
      case UInt8(ascii: "\n"): bytes.append(contentsOf: "\ndata: ".utf8)
      case UInt8(ascii: "\r"): break
      default: bytes.append(byte)
      }
    }
    bytes.append(contentsOf: "\n\n".utf8)
    return bytes
  }

  /// `{"id":…,"payload":…}`, for streams that several operations share.
  static func envelope(id: String, payload: ContiguousArray<UInt8>?) -> ContiguousArray<UInt8> {
    var bytes = ContiguousArray("{\"id\":".utf8)
    bytes += GraphQLSocketMessage.quoted(id)
    if let payload {
      bytes.append(contentsOf: ",\"payload\":".utf8)
      bytes += payload
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}
