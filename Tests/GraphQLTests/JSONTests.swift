import GraphQL
import Testing

@Suite("JSON")
struct JSONTests {
  @Test(
    "a text that is not JSON is refused",
    arguments: [
      "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "01", "1.", "-", "+1", "nul", "\"a", "\"\\x\"", "\"\u{1}\"", "1 2",
      "{a:1}",
      "[1 2]", "\"\\u12G4\"", "NaN",
    ])
  func refuses(text: String) {
    #expect(throws: JSONDocument.Failure.self) { _ = try JSONDocument(text) }
  }

  @Test("nesting and size are bounded")
  func bounds() throws {
    _ = try JSONDocument(String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
    #expect(throws: JSONDocument.Failure.self) { _ = try JSONDocument(String(repeating: "[", count: 100_000)) }
    #expect(throws: JSONDocument.Failure.self) { _ = try JSONDocument(ContiguousArray("[1,2]".utf8), maxBytes: 4) }
    #expect(throws: JSONDocument.Failure.self) { _ = try JSONDocument(ContiguousArray([0x22, 0xFF, 0x22])) }
  }

  @Test("values are read as they are written")
  func reads() throws {
    let root = try JSONDocument(" {\"a\": [1, -2.5e1, true, null], \"b\\n\": \"\\u00e9\\ud83d\\ude00\", \"a\": {}} ")
      .root
    #expect(root["b\n"]?.string == "é😀")
    #expect(root["a"]?.kind == .object)
    #expect(root.members.map(\.name) == ["a", "b\n", "a"])
    #expect(root.members[0].value.items.map(\.value) == [.int(1), .float(-25), .boolean(true), .null])
    #expect(try JSONDocument("20000000000000000000").root.value == .float(2e19))
  }

  @Test(
    "floats are written as ECMAScript writes them",
    arguments: [
      (0.1, "0.1"), (1, "1"), (-0.0, "0"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1.5e-7, "1.5e-7"),
      (0.000001, "0.000001"), (123456.789, "123456.789"), (-1.25e300, "-1.25e+300"), (.nan, "null"),
      (.infinity, "null"),
      (4.35, "4.35"),
    ] as [(Double, String)])
  func writesFloats(number: Double, text: String) {
    let buffer = OutputBuffer()
    buffer.append(number)
    #expect(buffer.string == text)
  }

  @Test("strings are escaped, integers reach their ends, truncation drops what came after")
  func writes() {
    let buffer = OutputBuffer(capacity: 64)
    buffer.appendString("\"\\\n\u{1}é\u{7f}")
    let mark = buffer.count
    buffer.append(Int64.min)
    buffer.append(Int64.max)
    #expect(buffer.string == "\"\\\"\\\\\\n\\u0001é\u{7f}\"-92233720368547758089223372036854775807")
    buffer.truncate(to: mark)
    buffer.appendNull()
    #expect(buffer.string == "\"\\\"\\\\\\n\\u0001é\u{7f}\"null")
  }
}
