import API
import EventLoop
import GraphQL
import HTTPServer

/// Takes a request with files as it comes: `operations`, then `map`, then the files, which go to the disk.
///
/// Source: GraphQL multipart request specification.
final class UploadReceiver: HTTPBodyReceiver {
  /// What the body held.
  struct Content {
    let operations: Value
    let uploads: [String: Upload]
  }

  private enum Place {
    case operations
    case map
    case file(String, UploadWriter)
    /// A part that the map does not name.
    case ignored
    case none
  }

  let maximumBytes: Int
  var onReady: (() -> Void)?
  private let loop: EventLoop
  private let settings: UploadSettings
  private let limits: Limits
  /// Bytes of `operations` and of `map`: as of a body without files.
  private let maximumText: Int
  private var parser: MultipartParser
  private var place = Place.none
  private var text: ContiguousArray<UInt8> = []
  private var operations: Value?
  private var map: UploadMap?
  private var files: [String: UploadWriter] = [:]
  /// What is wrong with the map: told when the body has ended.
  private var problem: GraphQLError?
  private var whenIdle: (() -> Void)?

  init(_ parser: MultipartParser, loop: EventLoop, configuration: ServerConfiguration) {
    self.parser = parser
    self.loop = loop
    settings = configuration.uploads
    limits = configuration.api.limits
    maximumText = configuration.http.maximumBodyBytes
    maximumBytes = settings.maximumUploads * (settings.maximumBytes + 8_192) + 2 * maximumText
  }

  // MARK: The body

  var isReady: Bool { files.values.allSatisfy(\.isReady) }

  func receive(_ bytes: UnsafeRawBufferPointer) -> HTTPRefusal? {
    do throws(HTTPRefusal) {
      try parser.feed(bytes, { (event) throws(HTTPRefusal) in try self.take(event) }, failed: Self.refusal)
    } catch {
      return error
    }
    return nil
  }

  func abandoned() {
    files = [:]
    place = .none
    whenIdle = nil
  }

  private func take(_ event: MultipartParser.Event) throws(HTTPRefusal) {
    switch event {
    case .begin(let part): place = try begin(part)
    case .content(let bytes): try append(bytes)
    case .end: try end()
    }
  }

  private func begin(_ part: MultipartParser.Part) throws(HTTPRefusal) -> Place {
    switch part.name {
    case "operations" where operations == nil: return .operations
    case "map" where map == nil && problem == nil:
      guard operations != nil else { throw Self.bad("The part operations has to come before the part map.") }
      return .map
    default:
      guard problem == nil else { return .ignored }
      guard let map else {
        throw Self.bad(
          part.name == "operations"
            ? "There are two parts named operations."
            : "The parts operations and map have to come before the files.")
      }
      guard map.parts.contains(part.name), files[part.name] == nil else { return .ignored }
      let writer = UploadWriter(
        loop: loop, directory: settings.directory, filename: part.filename ?? "", contentType: part.contentType)
      guard let writer else { throw Self.noRoom }
      writer.onProgress = { [weak self] in self?.progressed() }
      files[part.name] = writer
      return .file(part.name, writer)
    }
  }

  private func append(_ bytes: UnsafeRawBufferPointer) throws(HTTPRefusal) {
    switch place {
    case .operations, .map:
      guard text.count + bytes.count <= maximumText else {
        throw HTTPRefusal(
          status: 413, code: "BODY_TOO_LARGE", message: "The parameters take more than \(maximumText) bytes.")
      }
      text.append(contentsOf: bytes)
    case .file(_, let writer):
      guard writer.byteCount + bytes.count <= settings.maximumBytes else {
        throw HTTPRefusal(
          status: 413, code: "UPLOAD_TOO_LARGE", message: "A file takes more than \(settings.maximumBytes) bytes.")
      }
      writer.append(bytes)
    case .ignored, .none: break
    }
  }

  private func end() throws(HTTPRefusal) {
    switch place {
    case .operations: operations = try json("operations")
    case .map:
      let value = try json("map")
      do throws(GraphQLError) {
        map = try UploadMap(value, maximumUploads: settings.maximumUploads)
      } catch {
        problem = error
      }
    case .file(_, let writer): writer.flush()
    case .ignored, .none: break
    }
    place = .none
    text = []
  }

  private func json(_ part: String) throws(HTTPRefusal) -> Value {
    do throws(GraphQLError) {
      return try GraphQLRequest.json(text, limits, invalid: "The part \(part) is invalid JSON").value
    } catch {
      throw HTTPRefusal(status: 400, code: error.code ?? "BAD_REQUEST", message: error.message)
    }
  }

  // MARK: The end

  /// Calls back, on the loop, once every byte is on the disk.
  func content(_ then: @escaping @Sendable (Result<Content, Rejection>) -> Void) {
    for writer in files.values { writer.flush() }
    whenIdle = { [self] in then(content()) }
    progressed()
  }

  private func progressed() {
    if isReady { onReady?() }
    guard let told = whenIdle, files.values.allSatisfy(\.isIdle) else { return }
    whenIdle = nil
    told()
  }

  private func content() -> Result<Content, Rejection> {
    if let problem { return .failure(Rejection(problem)) }
    guard parser.isComplete, let operations, let map else {
      return .failure(Rejection(400, "BAD_REQUEST", "The body has to have the parts operations and map, and an end."))
    }
    var uploads: [String: Upload] = [:]
    for (name, writer) in files {
      guard let upload = writer.finish() else { return .failure(Rejection(Self.noRoom)) }
      uploads[name] = upload
    }
    files = [:]
    do throws(GraphQLError) {
      let (filled, placed) = try map.apply(uploads, to: operations)
      return .success(Content(operations: filled, uploads: placed))
    } catch {
      return .failure(Rejection(error))
    }
  }

  private static let noRoom = HTTPRefusal(
    status: 507, code: "NO_ROOM_FOR_UPLOADS", message: "The server has no room for files at the moment.")

  private static func bad(_ message: String) -> HTTPRefusal {
    HTTPRefusal(status: 400, code: "BAD_REQUEST", message: message)
  }

  private static func refusal(_ failure: MultipartParser.Failure) -> HTTPRefusal {
    switch failure {
    case .malformed: bad("The body is no multipart/form-data.")
    case .headTooLarge: bad("The head of a part is too large.")
    case .tooManyParts: HTTPRefusal(status: 400, code: "TOO_MANY_UPLOADS", message: "The body has too many parts.")
    }
  }
}
