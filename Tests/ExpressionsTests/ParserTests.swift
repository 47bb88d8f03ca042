import Expressions
import Testing

@Suite("Parsing expressions")
struct ParserTests {
  @Test("errors name the position and the cause")
  func positions() {
    #expect(throws: ExpressionError(.syntax, "Expected a value, found the end.", at: 3)) { try Expression("1 +") }
    #expect(throws: ExpressionError(.syntax, "The text that begins here has no end.", at: 5)) {
      try Expression("1 == 'a")
    }
    #expect(throws: ExpressionError(.syntax, "Expected a value, found `= 2`.", at: 5)) {
      try Expression("'a'=== 2")
    }
  }
}
