import Testing
import WorkflowEngine

@Suite("Texts of nodes")
struct NodeTextTests {
  private static func bench(_ texts: NodeTexts) -> Bench {
    var task = node("a", .simple, "b") { $0.texts = texts }
    task.name = #"{"en":"Review","de":"Prüfen"}"#
    task.description = #"{"en":"Look at it"}"#
    return Bench("a", nodes: [task, node("b")])
  }

  @Test("a title and a summary are filled in when an item is made, the result when it is done, in all languages of the task")
  func templates() throws {
    var bench = Self.bench(
      NodeTexts(title: "Review of {{ data.title }}", summary: "{{data.count + 1}} pages, {{ data.nothing }}.", result: "Done by {{ user }}"))
    try bench.begin(#"{"title": "\"Faust\"", "count": 2}"#)
    #expect(bench.items("a")[0].name == #"{"en":"Review of \"Faust\"","de":"Review of \"Faust\""}"#)
    #expect(bench.items("a")[0].description == #"{"en":"3 pages, .","de":"3 pages, ."}"#)
    try bench.done("a")
    #expect(bench.items("a")[0].description == #"{"en":"Done by ada","de":"Done by ada"}"#)
    try bench.perform(.undoWorkItem(bench.item("a"), cascade: true, reopen: true))
    #expect(bench.items("a")[0].description == #"{"en":"3 pages, .","de":"3 pages, ."}"#)
    try bench.perform(.cancelWorkItem(bench.item("a")))
    #expect(bench.items("a")[0].description == #"{"en":"3 pages, .","de":"3 pages, ."}"#)
  }

  @Test("a template that cannot be filled in leaves what the task says")
  func unfilled() throws {
    var bench = Self.bench(NodeTexts(title: "{{ 1 / 0 }}", summary: "{{ open", result: "{{ 'a' - 1 }}"))
    try bench.begin()
    try bench.done("a")
    #expect(bench.items("a")[0].name == #"{"en":"Review","de":"Prüfen"}"# && bench.items("a")[0].description == #"{"en":"Look at it"}"#)
  }

  @Test("the parts of a template", arguments: [
    ("", [""]), ("a", ["a"]), ("{{x}}", ["", "x", ""]), ("a {{ b }} c", ["a ", " b ", " c"]), ("{ {{ {a: 1} }}", ["{ ", " {a: 1} ", ""]),
  ])
  func parts(template: String, parts: [String]) {
    #expect(NodeTexts.parts(template) == parts)
    #expect(NodeTexts.parts(template + "{{") == nil)
  }

  @Test("a way with a closure is taken when that says so, beside its condition")
  func closures() throws {
    func bench(_ user: String) throws -> Bench {
      var closure = EdgeDefinition("b", condition: "data.n > 0")
      closure.closure = "isAda"
      var bench = Bench("a", nodes: [node("a", .simple, "i"), node("i", .if, edges: [closure, .otherwise("c")])])
      bench.caller = Caller(user: user)
      try bench.begin("{\"n\": 1}")
      try bench.done("a")
      return bench
    }
    #expect(try bench("ada").ready == ["b"])
    #expect(try bench("eve").ready == ["c"])
    var unknown = EdgeDefinition("b")
    unknown.closure = "nobody"
    var lost = Bench("a", nodes: [node("a", .simple, "i"), node("i", .if, edges: [unknown, .otherwise("c")])])
    try lost.begin()
    #expect(lost.refusal(.completeWorkItem(lost.item("a")))?.contains("which no module has") == true)
  }

  @Test("a case is added to a multiple subprocess that is under way, for an element")
  func addedChild() throws {
    func bench(_ isSequential: Bool) throws -> Bench {
      var bench = Bench(
        "sub",
        nodes: [
          node("sub", .multiSubprocess, "end") {
            $0.subprocess = SubprocessDefinition("child", data: "{n: element}", items: "data.list", isSequential: isSequential)
            $0.management = AccessRule(users: ["ada"])
          }, node("end", .end),
        ])
      bench.add("child", start: ["inner"], [node("inner")])
      try bench.begin("{\"list\": [1]}")
      return bench
    }
    var parallel = try bench(false)
    let sub = parallel.item("sub")
    let added = try parallel.run(.addSubprocessItem(sub, element: "7"))
    #expect(parallel.state.cases.map(\.data) == ["{\"list\": [1]}", "{\"n\":1}", "{\"n\":7}"])
    #expect(added.caseID == parallel.state.cases[2].id)
    parallel.expectFold()
    parallel.caller = Caller(user: "eve")
    #expect(parallel.refusal(.addSubprocessItem(sub, element: nil))?.contains("permission") == true)
    parallel.caller = Caller(user: "ada")
    #expect(parallel.refusal(.addSubprocessItem(parallel.item("inner"), element: nil))?.contains("multiple subprocess only") == true)
    try parallel.done("inner", "inner")
    #expect(parallel.isComplete)
    #expect(parallel.refusal(.addSubprocessItem(sub, element: nil))?.contains("while the item waits") == true)
    var sequential = try bench(true)
    let first = try sequential.run(.addSubprocessItem(sequential.item("sub"), element: "7"))
    #expect(first.caseID == nil && sequential.state.cases.count == 2 && sequential.events == ["post_advance_work_item sub"])
    sequential.expectFold()
    try sequential.perform(.addSubprocessItem(sequential.item("sub"), element: nil))
    #expect(sequential.refusal(.startCase(StartCase(workflow: "child", parentWorkItem: sequential.item("sub"))))?.contains("one after the other") == true)
    for expected in ["{\"n\":1}", "{\"n\":7}", "{\"n\":null}"] {
      #expect(!sequential.isComplete && sequential.ready == ["inner"] && sequential.state.cases.last?.data == expected)
      try sequential.done("inner")
    }
    #expect(sequential.isComplete && sequential.state.cases.count == 4)
    #expect(sequential.refusal(.addSubprocessItem(sequential.item("sub"), element: "7"))?.contains("while the item waits") == true)
  }
}
