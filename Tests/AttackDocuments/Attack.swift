/// A document that brings down naive implementations.
public struct Attack: CustomStringConvertible, Sendable {
  public let name: String
  public let document: String
  public var description: String { name }

  /// What the first run of a process may measure instead of the process's own beginning.
  public static let harmless = Attack("harmless", "{hello}")

  init(_ name: String, _ document: String) {
    self.name = name
    self.document = document
  }
}

// MARK: The documents

extension Attack {
  private static func times(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }

  private static func each(_ count: Int, _ text: (Int) -> String) -> String { (0..<count).map(text).joined(separator: " ") }

  private static let nested = [
    Attack("selections nested without end", times(50_000, "{a")),
    Attack("lists nested without end", "{hello(b:" + times(90_000, "[")),
    Attack("objects nested without end", "{hello(c:" + times(30_000, "{a:")),
    Attack("list types nested without end", "query($a:" + times(90_000, "[")),
    Attack("inline fragments nested without end", "{" + times(20_000, "...{")),
    Attack("selections as deep as is allowed", times(199, "{node") + "{id}" + times(199, "}")),
    Attack("a value as deep as is allowed", "{hello(b:" + times(198, "[") + times(198, "]") + ")}"),
    Attack("an input object as deep as is allowed", "{hello(c:" + times(198, "{b:") + "1" + times(198, "}") + ")}"),
    Attack("fragments that nest, each shallow", "{node{...F0}}" + each(900) { "fragment F\($0) on Node{node{...F\($0 + 1)}}" } + "fragment F900 on Node{id}"),
    Attack("introspection that follows types", "{__schema{types{" + times(95, "fields{type{") + "name" + times(190, "}") + "}}}"),
    Attack("introspection that unwraps types", "{__type(name:\"Query\"){" + times(195, "ofType{") + "name" + times(195, "}") + "}}"),
    Attack(
      "introspection through fragments",
      "{__schema{types{...F0}}}" + each(100) { "fragment F\($0) on __Type{fields{type{...F\($0 + 1)}} interfaces{...F\($0 + 1)}}" } + "fragment F100 on __Type{name}"),
  ]

  private static let growing = [
    Attack("fragments that double", "{node{...F0}}" + each(150) { "fragment F\($0) on Node{...F\($0 + 1) ...F\($0 + 1)}" } + "fragment F150 on Node{id}"),
    Attack(
      "fragments that double below fields",
      "{node{...F0}}" + each(90) { "fragment F\($0) on Node{a:node{...F\($0 + 1)} b:node{...F\($0 + 1)}}" } + "fragment F90 on Node{id}"),
    Attack("fragments that spread all others", "{node{...F0}}" + each(60) { f in "fragment F\(f) on Node{" + each(60) { f < $0 ? "...F\($0)" : "" } + " id}" }),
    Attack("fragments in one great cycle", "{node{...F0}}" + each(180) { "fragment F\($0) on Node{...F\(($0 + 1) % 180) ...F0}" }),
    Attack("a fragment that spreads itself a thousand times", "{node{...F}} fragment F on Node{" + times(3_000, "...F ") + "}"),
    Attack("every fragment in a cycle with every other", "{node{...F0}}" + each(50) { _ in "" } + each(50) { f in "fragment F\(f) on Node{" + each(50) { "...F\($0)" } + "}" }),
    Attack(
      "operations that share fragments",
      each(400) { "query Q\($0){node{...F\($0)}}" } + each(400) { "fragment F\($0) on Node{id ...F\(min($0 / 2 * 2 + 1, 399))}" }),
    Attack(
      "operations that share a chain of fragments",
      each(400) { "query Q\($0)($v:Int){x:hello node{...A\($0)}}" } + each(400) { "fragment A\($0) on Node{...F0}" } + each(100) { "fragment F\($0) on Node{...F\($0 + 1)}" }
        + "fragment F100 on Node{s(a:$v)}"),
    Attack(
      "operations that all lack the variables of shared fragments",
      each(300) { "query Q\($0){node{...F0}}" } + each(190) { "fragment F\($0) on Node{a\($0):s(a:$v\($0)) ...F\($0 + 1)}" } + "fragment F190 on Node{id}"),
    Attack(
      "subscriptions that share fragments",
      each(700) { "subscription Q\($0){...F}" } + "fragment F on Subscription{" + each(900) { "...F\($0)" } + "}" + each(400) { "fragment F\($0) on Subscription{hello}" }),
  ]

  private static let overlapping = [
    Attack("one field nine thousand times", "{" + times(9_900, "hello ") + "}"),
    Attack("one alias for different arguments", "{" + each(1_400) { "a:hello(a:\($0))" } + "}"),
    Attack("one alias for different fields", "{node{" + each(2_500) { "a:\($0 % 2 == 0 ? "n" : "id")" } + "}}"),
    Attack("one field with subfields, many times", "{" + times(2_400, "node{id}") + "}"),
    Attack("inline fragments side by side and within", "{" + times(60, "...{" + times(30, "...{hello}") + "}") + "}"),
    Attack("inline fragments on concrete types", "{pets{" + each(900) { "...on \($0 % 2 == 0 ? "Dog" : "Cat"){node{id}}" } + "}}"),
    Attack("inline fragments that conflict", "{pets{" + each(1_000) { "...on \($0 % 2 == 0 ? "Dog" : "Cat"){x}" } + "}}"),
    Attack("conflicts that nest", "{node{" + each(40) { "node{" + times(40, "node{id a:n") + "node{a:s}" + times(40, "}") + "b\($0):id}" } + "}}"),
    Attack("conflicts through fragments", "{node{" + each(120) { "...F\($0)" } + "}}" + each(120) { "fragment F\($0) on Node{a:s(a:\($0)) node{a:s(a:\($0)) node{a:s(a:\($0))}}}" }),
    Attack(
      "fields that merge through two fragments at each level",
      "{node{...A0 ...B0}}" + each(60) { "fragment A\($0) on Node{node{...A\($0 + 1) ...B\($0 + 1)}} fragment B\($0) on Node{node{...B\($0 + 1) ...A\($0 + 1)}}" }
        + "fragment A60 on Node{a:n} fragment B60 on Node{a:id}"),
    Attack("aliases", "{" + each(3_300) { "a\($0):hello" } + "}"),
    Attack("aliases of an object", "{" + each(1_500) { "a\($0):node{id}" } + "}"),
  ]

  private static let wide = [
    Attack("a directive a thousand times on one field", "{hello" + times(3_300, "@on ") + "}"),
    Attack("a directive with arguments a thousand times", "{hello" + times(1_400, "@on(a:1)") + "}"),
    Attack("unknown directives", "{hello" + times(4_500, "@a ") + "}"),
    Attack("a directive that may stand once, a thousand times", "{hello" + times(1_400, "@skip(if:false)") + "}"),
    Attack("conditions with a variable each", "query(" + each(900) { "$v\($0):Boolean!" } + "){" + each(900) { "hello@skip(if:$v\($0))" } + "}"),
    Attack("defer and stream", "{pets" + times(800, "@stream(initialCount:1)") + "{" + times(900, "...@defer{id}") + "}}"),
    Attack("unused fragments", "{hello}" + each(1_200) { "fragment F\($0) on Query{hello}" }),
    Attack("fragments of one name", "{hello}" + times(1_200, "fragment F on Query{hello}")),
    Attack("operations of one name", times(2_400, "query Q{hello}")),
    Attack("anonymous operations", times(3_300, "{hello}")),
    Attack("unknown fields that look like known ones", "{" + each(9_000) { "hell\($0)" } + "}"),
    Attack("unknown types", each(1_600) { "fragment F\($0) on Nod\($0){id}" }),
    Attack("unknown arguments", "{hello(" + each(3_000) { "a\($0):1" } + ")}"),
    Attack("one argument a thousand times", "{hello(" + times(3_000, "a:1 ") + ")}"),
    Attack("one input field a thousand times", "{hello(c:{" + times(3_000, "a:1 ") + "})}"),
    Attack("unknown input fields", "{hello(c:{" + each(3_000) { "z\($0):1" } + "})}"),
    Attack("unknown enum values", "{" + each(1_400) { "hello(d:BLU\($0))" } + "}"),
    Attack("values of the wrong type", "{hello(b:[" + times(9_000, "a ") + "])}"),
    Attack("variables that nothing uses", "query(" + each(2_400) { "$v\($0):Int" } + "){hello}"),
    Attack("variables of one name", "query(" + times(2_400, "$v:Int ") + "){hello(a:$v)}"),
    Attack("variables that are not defined", "{" + each(1_400) { "a\($0):hello(a:$v\($0))" } + "}"),
    Attack("variables of the wrong type", "query(" + each(900) { "$v\($0):String" } + "){" + each(900) { "a\($0):hello(a:$v\($0))" } + "}"),
    Attack("a default value as wide as the document", "query($v:[Int]=[" + times(9_000, "1 ") + "]){hello(b:$v)}"),
  ]

  private static let lexical = [
    Attack("an integer as long as the document", "{hello(a:" + times(95_000, "9") + ")}"),
    Attack("a number of fractions and exponents", "{hello(e:1." + times(45_000, "1") + "e" + times(45_000, "9") + ")}"),
    Attack("a name as long as the document", "{" + times(99_000, "a") + "}"),
    Attack("unknown names as long as suggestions may be", "{" + each(30) { times(3_000, "hello") .prefix(3_000) + "\($0)" } + "}"),
    Attack("a string as long as the document", "{hello(e:\"" + times(90_000, "a") + "\")}"),
    Attack("a string of escapes", "{hello(e:\"" + times(15_000, "\\u0041") + "\")}"),
    Attack("an escape with leading zeros", "{hello(e:\"\\u{" + times(95_000, "0") + "41}\")}"),
    Attack("half a surrogate pair, many times", "{hello(e:\"" + times(15_000, "\\uD83D") + "\")}"),
    Attack("a string that does not end", "{hello(e:\"" + times(95_000, "a")),
    Attack("a block string of lines", "{hello(e:\"\"\"" + times(95_000, "\n") + "\"\"\")}"),
    Attack("a block string of deep indentation", "{hello(e:\"\"\"" + times(900, "\n" + times(100, " ") + "a") + "\"\"\")}"),
    Attack("a block string of escaped quotes", "{hello(e:\"\"\"" + times(23_000, "\\\"\"\"") + "\"\"\")}"),
    Attack("comments", times(30_000, "#a\n") + "{hello}"),
    Attack("one long comment", "#" + times(99_000, "a")),
    Attack("commas and byte order marks", times(24_000, ",\u{FEFF}") + "{hello}"),
    Attack("punctuation", times(99_000, "!")),
    Attack("dots", "{" + times(49_000, "..") + "}"),
    Attack("control characters", times(99_000, "\0")),
    Attack("longer than any document may be", times(200_000, "{hello}")),
  ]

  public static let all = nested + growing + overlapping + wide + lexical
}
