import TestSupport

/// One audit of the GraphQL over HTTP specification: a request, and what its answer has to be.
struct HTTPAudit: Sendable {
  enum Level: String {
    case must, should, may
  }

  static let json = "application/json"
  static let response = "application/graphql-response+json"

  let id: String
  let level: Level
  let title: String
  let method: String
  let path: String
  let fields: [String]
  let body: String?
  /// Answers what is wrong.
  let check: @Sendable (HTTPAnswer) -> String?

  func problem(_ port: UInt16) -> String? {
    check(HTTPAnswer.request(port, method, path, fields, body))
  }

  // MARK: Requests

  static func post(
    _ id: String, _ level: Level, _ title: String, accept: String?, type: String? = json, _ body: String,
    _ check: @escaping @Sendable (HTTPAnswer) -> String?
  ) -> HTTPAudit {
    HTTPAudit(
      id: id, level: level, title: title, method: "POST", path: "/graphql",
      fields: (type.map { ["content-type: \($0)"] } ?? []) + (accept.map { ["accept: \($0)"] } ?? []), body: body,
      check: check)
  }

  static func get(
    _ id: String, _ level: Level, _ title: String, accept: String?, _ query: String,
    _ check: @escaping @Sendable (HTTPAnswer) -> String?
  ) -> HTTPAudit {
    HTTPAudit(
      id: id, level: level, title: title, method: "GET", path: "/graphql?\(query)",
      fields: accept.map { ["accept: \($0)"] } ?? [], body: nil, check: check)
  }

  // MARK: Answers

  static func status(_ range: ClosedRange<Int>) -> @Sendable (HTTPAnswer) -> String? {
    { range.contains($0.status) ? nil : "status \($0.status): \($0.body)" }
  }

  static func status(_ status: Int) -> @Sendable (HTTPAnswer) -> String? { self.status(status...status) }

  /// 200 with data and no errors.
  static let succeeds: @Sendable (HTTPAnswer) -> String? = {
    $0.status == 200 && $0.body.contains("\"data\":{") && !$0.body.contains("\"errors\"")
      ? nil : "status \($0.status): \($0.body)"
  }

  static func type(_ type: String) -> @Sendable (HTTPAnswer) -> String? {
    { answer in
      if let problem = status(200)(answer) { return problem }
      return answer.head.lowercased().contains("content-type: \(type)") ? nil : answer.head
    }
  }

  static let hasNoData: @Sendable (HTTPAnswer) -> String? = {
    $0.body.contains("\"errors\"") && !$0.body.contains("\"data\"") ? nil : $0.body
  }
}

extension HTTPAudit {
  private static let typename = #"{"query":"{ __typename }"}"#
  private static let named = #"{"query":"query Query { __typename }","operationName":"Query"}"#
  private static let variables =
    #"{"query":"query Type($name: String!) { __type(name: $name) { name } }","variables":{"name":"sometype"}}"#
  private static let encodedVariables =
    "query=query+Type%28%24name%3A+String%21%29+%7B+__type%28name%3A+%24name%29+%7B+name+%7D+%7D&variables=%7B%22name%22%3A%22sometype%22%7D"
  private static let extensions = #"{"query":"{ __typename }","extensions":{"some":"value"}}"#
  private static let brokenJSON = #"{ "not a JSON"#
  private static let misspelt = #"{"qeury":"{ __typename }"}"#
  private static let unparsable = #"{"query":"{"}"#
  private static let invalid = #"{"query":"{ 8f31403dfe404bccbb0e835f2629c6a7 }"}"#
  private static let unknownField = #"{"query":"{ f31403dfe404bccbb0e835f2629c6a7 }"}"#
  private static let uncoercible =
    #"{"query":"query CoerceFailure($id: ID!) { node(id: $id) { id } }","variables":{"id":null}}"#

  private static func nulled(_ name: String) -> String { #"{"query":"{ __typename }","\#(name)":null}"# }

  private static func wrong(_ name: String, _ value: String) -> String {
    name == "query" ? #"{"query":\#(value)}"# : #"{"query":"{ __typename }","\#(name)":\#(value)}"#
  }

  static let musts: [HTTPAudit] = [
    post(
      "4655", .must, "accepts application/json and answers with it", accept: json, typename, type("application/json")),
    post("82A3", .must, "answers in UTF-8", accept: response, typename, type("\(response); charset=utf-8")),
    post("BF61", .must, "accepts UTF-8", accept: response, type: "application/json; charset=utf-8", typename, succeeds),
    post("78D5", .must, "assumes UTF-8", accept: response, typename, succeeds),
    post("2C94", .must, "accepts POST", accept: response, typename, succeeds),
    post("03D4", .must, "accepts application/json in POST", accept: response, typename, succeeds),
    post("13EE", .must, "allows a query as text", accept: json, typename, succeeds),
    post("B8B3", .must, "allows an operation name as text", accept: json, named, succeeds),
    post("0220", .must, "allows null variables", accept: json, nulled("variables"), succeeds),
    post("0221", .must, "allows a null operation name", accept: json, nulled("operationName"), succeeds),
    post("0222", .must, "allows null extensions", accept: json, nulled("extensions"), succeeds),
    post("28B9", .must, "allows variables as an object", accept: json, variables, succeeds),
    post("1B7A", .must, "allows extensions as an object", accept: json, extensions, succeeds),
  ]

  static let shoulds: [HTTPAudit] = [
    post("22EB", .should, "accepts its own media type and answers with it", accept: response, typename, type(response)),
    post("47DE", .should, "answers application/json to */*", accept: "*/*", typename, type("application/json")),
    post("80D8", .should, "answers application/json without accept", accept: nil, typename, type("application/json")),
    post(
      "9ABE", .should, "refuses a POST without a content type", accept: response, type: nil, typename, status(400...499)
    ),
    post("34A2", .should, "allows a query as text", accept: response, typename, succeeds),
    post("8161", .should, "allows an operation name as text", accept: response, named, succeeds),
    post("94B0", .should, "allows null variables", accept: response, nulled("variables"), succeeds),
    post("94B1", .should, "allows a null operation name", accept: response, nulled("operationName"), succeeds),
    post("94B2", .should, "allows null extensions", accept: response, nulled("extensions"), succeeds),
    post("2EA1", .should, "allows variables as an object", accept: response, variables, succeeds),
    post("428F", .should, "allows extensions as an object", accept: response, extensions, succeeds),
    post("BCF8", .should, "400 when the body is no JSON", accept: json, brokenJSON, status(400)),
    post("B7N8", .should, "400 when the body is no JSON", accept: response, brokenJSON, status(400)),
    post("572B", .should, "200 when the document has no grammar", accept: json, unparsable, status(200)),
    post("FDE2", .should, "200 when the document is not valid", accept: json, unknownField, status(200)),
    post("7B9B", .should, "200 when variables do not fit", accept: json, uncoercible, status(200)),
    post("865D", .should, "an error when the document has no grammar", accept: response, unparsable, status(400...599)),
    post("556A", .should, "400 when the document has no grammar", accept: response, unparsable, status(400)),
    post("D586", .should, "no data when the document has no grammar", accept: response, unparsable, hasNoData),
    post("51FE", .should, "an error when the document is not valid", accept: response, invalid, status(400...599)),
    post("74FF", .should, "400 when the document is not valid", accept: response, unknownField, status(400)),
    post("5E5B", .should, "no data when the document is not valid", accept: response, unknownField, hasNoData),
    post("86EE", .should, "400 when variables do not fit", accept: response, uncoercible, status(400)),
  ]

  static let mays: [HTTPAudit] =
    [
      get("5A70", .may, "accepts GET", accept: nil, "query=%7B__typename%7D", succeeds),
      get(
        "9C48", .may, "refuses mutations by GET", accept: response, "query=mutation%7B__typename%7D", status(400...499)),
      post("A5BF", .may, "400 without a body", accept: response, "", status(400)),
      post("423L", .may, "400 without a query", accept: response, #"{"notquery":"{ __typename }"}"#, status(400)),
      get("D6D5", .may, "takes variables as JSON in GET", accept: response, encodedVariables, succeeds),
      get("6A70", .may, "takes variables as JSON in GET", accept: json, encodedVariables, succeeds),
      post("B6DC", .may, "any status when the body is no JSON", accept: json, brokenJSON, status(200...599)),
      post("8764", .may, "an error when parameters are wrong", accept: json, misspelt, status(400...599)),
      post("3E3A", .may, "400 when parameters are wrong", accept: json, misspelt, status(400)),
    ] + wrongTypes("LKJ", "query", [#"{"obj":"ect"}"#, "0", "false", #"["array"]"#])
    + wrongTypes("6C0", "operationName", [#"{"obj":"ect"}"#, "0", "false", #"["array"]"#])
    + wrongTypes("476", "variables", [#""string""#, "0", "false", #"["array"]"#])
    + wrongTypes("58B", "extensions", [#""string""#, "0", "false", #"["array"]"#])

  /// `LKJ0`…`LKJ3`, `6C00`…, `4760`…, `58B0`…: one for each value that the parameter must not have.
  private static func wrongTypes(_ id: String, _ name: String, _ values: [String]) -> [HTTPAudit] {
    values.enumerated().map { number, value in
      post("\(id)\(number)", .may, "400 when \(name) is \(value)", accept: response, wrong(name, value), status(400))
    }
  }

  static let all = musts + shoulds + mays
}
