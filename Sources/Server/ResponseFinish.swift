import API
import EventLoop
import HTTPServer

/// The last steps of a response of the API: whether it may be kept, whether the client has it already, and how it is
/// coded.
struct ResponseFinish: Sendable {
  let acceptEncoding: String?
  let ifNoneMatch: String?
  /// A GET that names its document: its address says all that the response depends on, besides what `vary` lists.
  let isCacheable: Bool
  private let settings: Settings

  /// Not the whole configuration: copying that for every request costs more than all of this.
  struct Settings: Sendable {
    let compressFrom: Int
    let persistedMaxAge: Int

    init(_ configuration: ServerConfiguration) {
      compressFrom = configuration.compressFrom
      persistedMaxAge = configuration.persistedMaxAge
    }
  }

  init(_ request: HTTPRequest, isPersisted: Bool, _ settings: Settings) {
    acceptEncoding = request.list("accept-encoding")
    ifNoneMatch = request.list("if-none-match")
    isCacheable = isPersisted && (request.method == .get || request.method == .head)
    self.settings = settings
  }

  /// Larger bodies are compressed on the thread pool, so that the loop's other requests do not wait.
  private static let offloadFrom = 65_536

  /// Hands on the response, at once or later on the loop.
  func apply(
    to response: HTTPResponse, complete: Bool, on loop: EventLoop, _ finish: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    var response = response
    let coding = coding(for: response)
    response.fields.append(("vary", vary))
    guard isCacheable, complete, response.status == 200 else {
      response.fields.append(("cache-control", "no-store"))
      return compress(response, coding, on: loop, finish)
    }
    let digest = SHA256.hex(response.body).prefix(32)
    let tag = "\"\(digest)\(coding.map { "-\($0.rawValue)" } ?? "")\""
    let age = settings.persistedMaxAge
    response.fields.append(("etag", tag))
    response.fields.append(("cache-control", age == 0 ? "private, no-cache" : "private, max-age=\(age)"))
    if matches(tag) {
      response.status = 304
      response.body = []
      response.fields.removeAll { $0.name == "content-type" }
      return finish(response)
    }
    compress(response, coding, on: loop, finish)
  }

  private var vary: String {
    isCacheable ? "accept, accept-encoding, accept-language, authorization" : Self.vary
  }

  /// What every answer of the API depends on, besides the request itself.
  static let vary = "accept, accept-encoding"

  private func coding(for response: HTTPResponse) -> Compression? {
    guard settings.compressFrom > 0, response.body.count >= settings.compressFrom else { return nil }
    return Compression.choose(acceptEncoding)
  }

  /// Source: RFC 9110 section 13.1.2; the comparison is the weak one.
  private func matches(_ tag: String) -> Bool {
    guard let ifNoneMatch else { return false }
    return ifNoneMatch.split(separator: ",").contains { part in
      let given = part.trimmed
      return given == "*" || given == tag || given == "W/\(tag)"
    }
  }

  private func compress(
    _ response: HTTPResponse, _ coding: Compression?, on loop: EventLoop,
    _ finish: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    guard let coding else { return finish(response) }
    guard response.body.count > Self.offloadFrom else {
      return finish(Self.compressed(response, coding))
    }
    loop.start {
      finish(await loop.offload { Self.compressed(response, coding) })
    }
  }

  private static func compressed(_ response: HTTPResponse, _ coding: Compression) -> HTTPResponse {
    guard let body = coding.compress(response.body), body.count < response.body.count else { return response }
    var response = response
    response.body = body
    response.fields.append(("content-encoding", coding.rawValue))
    return response
  }
}
