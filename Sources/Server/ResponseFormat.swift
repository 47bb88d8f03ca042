import API
import HTTPServer

/// How a GraphQL response is written to HTTP: its media type, and the status that stands for its outcome.
///
/// Source: the GraphQL over HTTP specification; `draft2026` is its draft of August 2026.
struct ResponseFormat: Equatable {
  enum MediaType: Equatable {
    /// `application/json`, because the client has asked for it by name.
    case json
    /// `application/json`, because the client takes anything.
    case jsonByDefault
    /// `application/graphql-response+json`.
    case response

    var name: String {
      self == .response ? "application/graphql-response+json; charset=utf-8" : "application/json; charset=utf-8"
    }
  }

  /// Which statuses stand for the errors of GraphQL.
  enum Profile: String, CaseIterable, Sendable {
    /// What deployed clients expect.
    case compatible
    /// The draft of August 2026.
    case draft2026
  }

  let mediaType: MediaType
  let profile: Profile

  /// What the client accepts; nil when that is none of both.
  init?(accept: String?, profile: Profile) {
    self.profile = profile
    // What most clients send needs no closer look.
    switch accept {
    case nil, "", "*/*":
      mediaType = .jsonByDefault
      return
    case "application/json":
      mediaType = .json
      return
    default: break
    }
    guard let accept else { return nil }
    let elements = WeightedHeader(accept).elements
    guard !elements.isEmpty else {
      // Nothing that could be read is no wish.
      mediaType = .jsonByDefault
      return
    }
    func weight(_ name: String) -> (weight: Int, isExact: Bool) {
      // The most specific range that fits decides, whatever its weight (RFC 9110, 12.5.1).
      for (range, isExact) in [(name, true), ("application/*", false), ("*/*", false)] {
        let fitting = elements.filter { $0.value == range && ($0.parameters["charset"] ?? "utf-8") == "utf-8" }
        if let best = fitting.max(by: { $0.weight < $1.weight }) { return (best.weight, isExact) }
      }
      return (0, false)
    }
    let json = weight("application/json")
    let response = weight("application/graphql-response+json")
    guard json.weight > 0 || response.weight > 0 else { return nil }
    if response.isExact, response.weight > 0, response.weight >= json.weight || !json.isExact {
      mediaType = .response
    } else if json.weight > 0 {
      mediaType = json.isExact ? .json : .jsonByDefault
    } else {
      mediaType = .response
    }
  }

  init(_ mediaType: MediaType, _ profile: Profile) {
    self.mediaType = mediaType
    self.profile = profile
  }

  func status(of outcome: GraphQLResponse.Outcome) -> Int {
    switch outcome {
    case .executed, .unknownDocument: 200
    case .partial: profile == .draft2026 && mediaType == .response ? 294 : 200
    case .malformed: profile == .draft2026 ? 422 : 400
    // A client of `application/json` takes any other status for an answer of something in between.
    case .unparsable: profile == .compatible && mediaType == .json ? 200 : 400
    case .rejected: profile == .draft2026 ? 422 : mediaType == .json ? 200 : 400
    case .readOnly: 405
    case .forbidden: 403
    case .keyReused: 422
    case .busy: 429
    case .unavailable: 503
    }
  }

  /// - Parameter status: what it is if not the outcome decides.
  func response(_ response: GraphQLResponse, status: Int? = nil) -> HTTPResponse {
    let status = status ?? self.status(of: response.outcome)
    // The draft keeps its own type wherever the status is not one of success.
    let type = profile == .draft2026 && status >= 400 ? MediaType.response : mediaType
    var fields: [(name: String, value: String)] = []
    // With those that are still to come.
    fields.reserveCapacity(4)
    fields.append(("content-type", type.name))
    switch response.outcome {
    case .readOnly: fields.append(("allow", "POST"))
    case .unavailable, .busy: fields.append(("retry-after", "1"))
    default: break
    }
    if response.isReplay { fields.append(("idempotent-replayed", "true")) }
    return HTTPResponse(status: status, fields: fields, body: response.body)
  }
}
