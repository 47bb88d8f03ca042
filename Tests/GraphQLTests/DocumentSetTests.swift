import GraphQL
import Testing

@Suite("Documents of a client in several files")
struct DocumentSetTests {
  private let schema: Schema

  init() throws {
    schema = try Schema.build(
      "type Query { a: Int b: Thing x(n: Int): Int old: Int @deprecated(reason: \"gone\") } type Thing { c: Int d: Int }")
  }

  private func findings(_ files: [(String, String)], extra: [ValidationRule] = []) -> [String] {
    var set = DocumentSet()
    for (name, source) in files { set.add(name, source) }
    return set.validate(schema, extra: extra).map { finding in
      let place = finding.error.locations.first.map { "\($0.line):\($0.column)" } ?? ""
      return "\(finding.file):\(place): \(finding.error.message)"
    }
  }

  @Test("a fragment of one file serves another, through a third")
  func sharesFragments() {
    #expect(
      findings([
        ("one", "query One { b { ...F } }"), ("two", "fragment F on Thing { c ...G }"),
        ("three", "fragment G on Thing { d }"),
      ]).isEmpty)
  }

  @Test("an error within a fragment is reported once, where it stands")
  func reportsInItsFile() {
    #expect(
      findings([
        ("one", "{ b { ...F } }"), ("two", "query Two { b { ...F } }"), ("f", "\nfragment F on Thing {\n  x\n}"),
      ])
        == ["f:3:3: Cannot query field \"x\" on type \"Thing\". Did you mean \"c\" or \"d\"?"])
  }

  @Test("what is wrong only where fragments of several files meet is reported, with the file and line of a part of it")
  func meetings() {
    let variable = ("f", "fragment F on Query { x(n: $n) }")
    #expect(
      findings([variable, ("one", "query One($n: Int) { ...F }"), ("two", "\n query Two { ...F }")])
        == ["two:2:2: Variable \"$n\" is not defined by operation \"Two\"."])
    func conflict(_ first: String, _ second: String) -> String {
      "Fields \"c\" conflict because \"\(first)\" and \"\(second)\" are different fields. "
        + "Use different aliases on the fields to fetch both if this was intentional."
    }
    let own = ("own", "{ b { ...G c } }")
    let other = ("g", "fragment H on Thing { d } fragment G on Thing {\r  c: d }")
    #expect(findings([other, own, ("h", "{ b { ...H } }")]) == ["own:1:12: \(conflict("c", "d"))"])
    let third = ("k", "fragment K on Thing { c }")
    #expect(
      findings([other, third, ("one", "{ b { ...G ...K ...H } }"), ("two", "{ b { ...G ...K } }")])
        == ["g:2:3: \(conflict("d", "c"))"])
  }

  @Test("a fragment that no file uses is an error, and so are one that no file has and two of one name")
  func knowsAllFiles() {
    #expect(findings([("f", "fragment F on Thing { c }")]) == ["f:1:1: Fragment \"F\" is never used."])
    #expect(findings([("q", "{ b { ...F } }")]) == ["q:1:10: Unknown fragment \"F\"."])
    #expect(
      findings([("f", "fragment F on Thing { c }"), ("g", "fragment F on Thing { d }"), ("q", "{ b { ...F } }")])
        == ["g:1:1: There can be only one fragment named \"F\"; f has one, too."])
  }

  @Test("anonymous operations of different files do not meet")
  func keepsFilesApart() {
    #expect(findings([("one", "{ a }"), ("two", "{ a }")]).isEmpty)
  }

  @Test("a file that is not grammatical is one error and hides none of the others")
  func reportsSyntax() {
    let found = findings([("one", "{ a"), ("two", "{ z }")])
    #expect(found.count == 2)
    #expect(found[0].hasPrefix("one:1:4: Syntax Error"))
  }

  @Test("deprecated fields are errors when that is asked for")
  func findsDeprecated() {
    #expect(findings([("one", "{ old }")]).isEmpty)
    #expect(findings([("one", "{ old }")], extra: [.noDeprecated]).count == 1)
  }
}
