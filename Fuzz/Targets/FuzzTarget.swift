import API
import Expressions
import GraphQL
import HTTPServer
import Server

/// Something that takes bytes from strangers. Each body has to hold for any bytes: it may refuse them, but not
/// crash, loop or disagree with itself. A violated promise is a trap, which a fuzzer reports with the bytes.
package enum FuzzTarget: String, CaseIterable, Sendable {
  case lexer, parser, validator, printer, format, json, http, expression, requests, frames, socket, multipart

  package func run(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .lexer: Self.lexer(bytes)
    case .parser: Self.parser(bytes)
    case .validator: Self.validator(bytes)
    case .printer: Self.printer(bytes)
    case .format: Self.format(bytes)
    case .json: Self.json(bytes)
    case .http: Self.http(bytes)
    case .expression: Self.expression(bytes)
    case .requests: Self.requests(bytes)
    case .frames: Self.frames(bytes)
    case .socket: Self.socket(bytes)
    case .multipart: Self.multipart(bytes)
    }
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

  /// Any bytes, also those that are no UTF-8, end in tokens or in an error with a place inside the text.
  private static func lexer(_ bytes: UnsafeRawBufferPointer) {
    do throws(GraphQLError) {
      _ = try Parser.parse(ContiguousArray(bytes))
    } catch {
      for location in error.locations { precondition(location.line >= 1 && location.column >= 1) }
    }
    guard let stripped = try? stripIgnoredCharacters(text(bytes)) else { return }
    precondition((try? stripIgnoredCharacters(stripped)) == stripped, "stripping twice changes the text")
  }

  /// Stripping what has no meaning changes nothing about a document.
  private static func parser(_ bytes: UnsafeRawBufferPointer) {
    let source = text(bytes)
    guard let document = try? Parser.parse(source), let stripped = try? stripIgnoredCharacters(source) else { return }
    guard let other = try? Parser.parse(stripped, limits: .trusted) else {
      preconditionFailure("the stripped document is refused")
    }
    precondition(Printer.print(document) == Printer.print(other), "the stripped document differs")
  }

  /// Printing and parsing again gives the same document.
  private static func printer(_ bytes: UnsafeRawBufferPointer) {
    guard let document = try? Parser.parse(text(bytes)) else { return }
    let printed = Printer.print(document)
    guard let again = try? Parser.parse(printed, limits: .trusted) else {
      preconditionFailure("the printed document is refused")
    }
    precondition(Printer.print(again) == printed, "printing twice differs")
  }

  private static func format(_ bytes: UnsafeRawBufferPointer) {
    guard let once = try? formatDocument(text(bytes)) else { return }
    precondition((try? formatDocument(once)) == once, "formatting twice differs")
  }

  private static let schema: Schema = {
    guard let schema = try? Schema.build(APISchema.source) else { preconditionFailure("the schema is invalid") }
    return schema
  }()

  /// A document is valid or has errors, each of them within it; a valid one stays valid when it is printed.
  private static func validator(_ bytes: UnsafeRawBufferPointer) {
    guard let document = try? Parser.parse(text(bytes)) else { return }
    let errors = validate(schema, document)
    guard errors.isEmpty else { return }
    try? checkSize(of: document, limits: Limits())
    guard let printed = try? Parser.parse(Printer.print(document), limits: .trusted) else {
      preconditionFailure("the printed document is refused")
    }
    precondition(validate(schema, printed).isEmpty, "a valid document became invalid")
  }

  /// What was read is written as JSON that means the same.
  private static func json(_ bytes: UnsafeRawBufferPointer) {
    guard let value = try? JSONDocument(ContiguousArray(bytes)).root.value else { return }
    let written = value.json
    guard let again = try? JSONDocument(written).root.value else { preconditionFailure("written JSON is refused") }
    precondition(again.json == written, "written JSON means something else")
  }

  /// However a stream of requests is cut into pieces, the same requests and the same failure come out. The first
  /// byte tells the size of the pieces.
  private static func http(_ bytes: UnsafeRawBufferPointer) {
    guard let size = bytes.first, bytes.count > 1 else { return }
    let stream = UnsafeRawBufferPointer(rebasing: bytes[1...])
    let whole = requests(stream, pieces: stream.count)
    let pieces = requests(stream, pieces: Int(size) + 1)
    precondition(whole == pieces, "pieces change the requests: \(whole) \(pieces)")
  }

  private static func requests(_ stream: UnsafeRawBufferPointer, pieces size: Int) -> [String] {
    read(stream, pieces: size) { request in
      let body = request.withBody { text($0) }
      return "\(request.method) \(request.path) \(request.query ?? "") \(request.header("content-type") ?? "") \(body)"
    }
  }

  private static func read(
    _ stream: UnsafeRawBufferPointer, pieces size: Int, _ describe: (HTTPRequest) -> String
  ) -> [String] {
    let parser = RequestParser(HTTPServerConfiguration())
    var found: [String] = []
    var start = 0
    while start < stream.count {
      let piece = UnsafeRawBufferPointer(rebasing: stream[start..<min(start + size, stream.count)])
      let (count, outcome) = parser.read(piece)
      precondition(count >= 0 && count <= piece.count)
      start += count
      switch outcome {
      case .needsMore: precondition(count == piece.count)
      case .failure(let failure):
        // Which of several reasons is told depends on what is there when the first is seen: a word may go on in the next
        // piece, and the field too many may be malformed as well.
        let isEither = failure == .unknownMethod || failure == .headerTooLarge
        return found + ["\(isEither ? .malformed : failure)"]
      case .request(let request): found.append(describe(request))
      }
    }
    return found
  }

  /// An expression is refused or evaluated within its budget.
  private static func expression(_ bytes: UnsafeRawBufferPointer) {
    guard let expression = try? Expression(text(bytes)) else { return }
    var environment = EmptyEnvironment()
    _ = try? expression.evaluate(in: &environment, budget: ExpressionBudget(steps: 10_000, memory: 1 << 20))
  }

  /// What a request to the API brings is read or refused, and twice in the same way.
  private static func requests(_ bytes: UnsafeRawBufferPointer) {
    let once = read(bytes, pieces: max(1, bytes.count), StrangersBytes.outcome)
    precondition(once == read(bytes, pieces: max(1, bytes.count), StrangersBytes.outcome), "a request means two things")
  }

  /// However the frames of a WebSocket are cut into pieces, the same messages and the same refusal come out. The first
  /// byte tells the size of the pieces.
  private static func frames(_ bytes: UnsafeRawBufferPointer) {
    guard let size = bytes.first, bytes.count > 1 else { return }
    let stream = UnsafeRawBufferPointer(rebasing: bytes[1...])
    let whole = events(stream, pieces: stream.count)
    let pieces = events(stream, pieces: Int(size) + 1)
    precondition(whole == pieces, "pieces change the messages: \(whole) \(pieces)")
  }

  private static func events(_ stream: UnsafeRawBufferPointer, pieces size: Int) -> [String] {
    guard let frames = WebSocketFrames(maximumMessageBytes: 512) else { return [] }
    var found: [String] = []
    var start = 0
    var isOpen = true
    while start < stream.count, isOpen {
      let piece = UnsafeRawBufferPointer(rebasing: stream[start..<min(start + size, stream.count)])
      start += piece.count
      let isReadable = frames.receive(piece) { event in
        guard isOpen else { return }
        switch event {
        case .text(let message):
          precondition(message.count <= 512, "a message is longer than is allowed")
          precondition(String(validating: message, as: UTF8.self) != nil, "a text message is no UTF-8")
          found.append(String(decoding: message, as: UTF8.self))
          frames.queue(text: message)
        case .closing: isOpen = false
        case .refused(let code, let reason):
          found.append("\(code)")
          frames.queueClose(code, reason)
          isOpen = false
        }
      }
      let isSent = frames.takeOutput() != nil
      precondition(isSent || !isOpen || !isReadable, "open frames cannot be sent")
      if !isReadable || frames.isEnding { isOpen = false }
    }
    // When a broken reason of the client's close is seen depends on the pieces: wslay looks at each as it comes.
    return found
  }

  /// Every message of a client is answered as the protocol has it, and all answers are JSON. One message a line.
  private static func socket(_ bytes: UnsafeRawBufferPointer) {
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map { ContiguousArray($0) }
    let answers = StrangersBytes.conversation(lines)
    for answer in answers.dropLast() {
      precondition((try? JSONDocument(answer).root.value) != nil, "a message is no JSON")
    }
  }

  /// However a body of several parts is cut into pieces, the same parts and the same failure come out. The first
  /// byte tells the size of the pieces.
  private static func multipart(_ bytes: UnsafeRawBufferPointer) {
    guard let size = bytes.first, bytes.count > 1 else { return }
    let stream = UnsafeRawBufferPointer(rebasing: bytes[1...])
    let whole = parts(stream, pieces: stream.count)
    let pieces = parts(stream, pieces: Int(size) + 1)
    precondition(whole == pieces, "pieces change the parts: \(whole) \(pieces)")
  }

  private static func parts(_ stream: UnsafeRawBufferPointer, pieces size: Int) -> [String] {
    guard var parser = MultipartParser(boundary: "b", maximumParts: 4) else { return [] }
    var found: [String] = []
    var content: [UInt8] = []
    for start in stride(from: 0, to: stream.count, by: size) {
      let piece = UnsafeRawBufferPointer(rebasing: stream[start..<min(start + size, stream.count)])
      do throws(MultipartParser.Failure) {
        try parser.feed(
          piece,
          { (event) throws(MultipartParser.Failure) in
            switch event {
            case .begin(let part): found.append("\(part)")
            case .content(let bytes): content += bytes
            case .end:
              found.append("\(content)")
              content = []
            }
          }, failed: { $0 })
      } catch {
        return found + ["\(error)"]
      }
    }
    return found + [parser.isComplete ? "complete" : "open"]
  }
}
