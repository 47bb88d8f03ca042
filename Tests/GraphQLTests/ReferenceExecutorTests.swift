import GraphQL
import Testing

@testable import ConformanceRunner

/// What the executor that conformance cases run with does where outcomes are wrong.
@Suite("Executing by the letter of the specification")
struct ReferenceExecutorTests {
  private func run(
    _ schema: String, _ document: String, variables: String = "{}", fields: String = "{}"
  ) throws -> Value {
    let test = OutputBuffer()
    test.appendRaw("{\"kind\":\"execute\",\"schema\":")
    test.appendString(schema)
    test.appendRaw(",\"document\":")
    test.appendString(document)
    test.appendRaw(",\"variables\":\(variables),\"fields\":\(fields),\"types\":{},\"operationName\":null}")
    let outcome = try Case.run(try JSONDocument(test.string).root).get()
    return try #require(outcome["result"])
  }

  @Test("errors of neighbours stay when a null takes their object away")
  func neighbours() throws {
    let result = try run(
      "type Query { a: Int b: Int! }", "{ a b }", fields: #"{"a": {"error": "first"}, "b": {"error": "second"}}"#)
    #expect(result["data"] == .null)
    #expect(result["errors"]?.list?.compactMap { $0["message"]?.string } == ["first", "second"])
  }

  @Test("a value that its type cannot have is an error where it is, and null")
  func wrongValues() throws {
    let schema = "type Query { i: [Int] f: Float s: String b: Boolean d: ID c: Color } enum Color { RED }"
    let right = try run(
      schema, "{ i f s b d c }",
      fields: #"""
        {"i": {"value": [true, "12", 3.0]}, "f": {"value": "1.5"}, "s": {"value": 7}, "b": {"value": 2},
         "d": {"value": 9}, "c": {"value": "RED"}}
        """#)
    #expect(right.json == #"{"data":{"i":[1,12,3],"f":1.5,"s":"7","b":true,"d":"9","c":"RED"}}"#)
    let wrong = try run(
      schema, "{ i f s b d c }",
      fields: #"""
        {"i": {"value": [1.5, 3000000000]}, "f": {"value": "x"}, "s": {"value": {}}, "b": {"value": "true"},
         "d": {"value": 1.5}, "c": {"value": "BLUE"}}
        """#)
    #expect(wrong["data"]?.json == #"{"i":[null,null],"f":null,"s":null,"b":null,"d":null,"c":null}"#)
    #expect(wrong["errors"]?.list?.count == 7)
  }

  @Test("a condition without a Boolean is an error of the object that it is in")
  func conditions() throws {
    let result = try run(
      "type Query { a: Query b: Int }", "query($t: Boolean = true) { b a { b @skip(if: $t) } }",
      variables: #"{"t": null}"#, fields: #"{"a": {"object": true}, "b": {"value": 1}}"#)
    #expect(result["data"]?.json == #"{"b":1,"a":null}"#)
    #expect(result["errors"]?.list?.first?["path"] == .list([.string("a")]))
  }
}
