import Expressions
import Testing

@Suite("Looking at expressions without evaluating them")
struct AnalysisTests {
  static func flowProblems(_ text: String, known: Set<String> = ["a", "b"]) throws -> [String] {
    FlowExpression.problems(of: try Expression(text).analyze()) { known.contains($0) }
  }

  @Test("the tasks that a flow expression names are found in every branch")
  func tasks() throws {
    let cases: [(String, [String])] = [
      ("'a'|task", ["a"]),
      ("['b', 'a', 'b']|tasks", ["b", "a"]),
      ("x ? 'a'|task : ['b']|tasks", ["a", "b"]),
      ("(x ? 'a' : 'b')|task", ["a", "b"]),
      ("['a'|task, 'b'|task]", ["a", "b"]),
      ("false && 'a'|task || 'b'|task", ["a", "b"]),
      ("'a'", []),
      ("[]", []),
      ("['g']|groups", []),
      ("'a'|task // x", ["a"]),
    ]
    for (text, tasks) in cases { #expect(try Expression(text).analyze().tasks == tasks, "\(text)") }
  }

  @Test("paths and transforms are listed in order")
  func names() throws {
    let analysis = try Expression("info.case.meta.prio > limit ? list[.n == x]|mapby('n') : s|length").analyze()
    #expect(analysis.paths == [["info", "case", "meta", "prio"], ["limit"], ["list"], ["x"], ["s"]])
    #expect(analysis.transforms.map(\.name) == ["mapby", "length"])
  }

  @Test("flow expressions that cannot be stored are refused with Caluma's words")
  func flows() throws {
    let cases: [(String, [String])] = [
      ("'a'|task", []),
      ("'nope'|task", ["The task `nope` does not exist or is not registered as dynamic task"]),
      ("['a', 'nope']|tasks", ["The task `nope` does not exist or is not registered as dynamic task"]),
      ("'a'|tasks", ["`a` is not a valid list of tasks."]),
      ("['a']|task", ["`['a']` is not a valid task slug."]),
      ("5|task", ["`5` is not a valid task slug."]),
      ("['a', 5]|tasks", ["The task `5` does not exist or is not registered as dynamic task"]),
      ("whatever|task", ["The task `whatever` does not exist or is not registered as dynamic task"]),
      ("'a'|tusk", ["The `tusk` transform is undefined."]),
      ("[{n: 1}, {n: 2}][.n > 1]|length == 1 ? 'a'|task : 'b'|task", []),
      ("['p', 'q'] intersects ['q'] ? 'a'|task : 'b'|task", []),
    ]
    for (text, problems) in cases { #expect(try Self.flowProblems(text) == problems, "\(text)") }
  }

  @Test("group expressions that cannot be stored are refused with Caluma's words")
  func groups() throws {
    let cases: [(String, [String])] = [
      ("['a', 'b']|groups", []),
      ("info.prev_work_item.addressed_groups", []),
      ("'a'|groups", ["a is not a valid list of groups."]),
      ("info.case.created_by_group|groups", ["created_by_group is not a valid list of groups."]),
      ("['a']|gruppen", ["The `gruppen` transform is undefined."]),
      ("['b']|groups + ['a']|groups", []),
    ]
    for (text, problems) in cases {
      #expect(GroupExpression.problems(of: try Expression(text).analyze()) == problems, "\(text)")
    }
  }

  @Test("dynamic tasks and groups are resolved before literals; groups are sorted, tasks keep their order")
  func dynamic() throws {
    func value(_ text: String) throws -> Value {
      var environment = WorkflowEnvironment(
        context: EmptyEnvironment(),
        dynamicTask: { name in name == "many" ? ["m2", "m1"] : name == "one" ? ["o"] : nil },
        dynamicGroup: { name in name == "team" ? ["z", "y"] : nil })
      return try Expression(text).evaluate(in: &environment)
    }
    #expect(try value("'one'|task") == "o")
    #expect(try value("'plain'|task") == "plain")
    #expect(try value("['z', 'many', 'a', 'z']|tasks") == ["z", "m2", "m1", "a"])
    #expect(try value("['x', 'team', 'x']|groups") == ["x", "y", "z"])
    #expect(
      throws: ExpressionError(
        .result,
        "The dynamic task `many` used by the `task` transform should not return more than one task -- it returned 2",
        at: 6)
    ) { try value("'many'|task") }
    #expect(throws: ExpressionError(.unknownTransform, "The `nope` transform is undefined.", at: 3)) {
      try value("'x'|nope")
    }
  }

  @Test("results become slugs and groups")
  func results() throws {
    #expect(FlowExpression.slugs(of: ["a", ["b", "a"], .null, 5]) == ["a", "b"])
    #expect(FlowExpression.slugs(of: false).isEmpty)
    #expect(FlowExpression.slugs(of: "a") == ["a"])
    #expect(try GroupExpression.groups(of: "a") == ["a"])
    #expect(try GroupExpression.groups(of: ["b", "a", "b"]) == ["b", "a", "b"])
    #expect(try GroupExpression.groups(of: .null) == nil)
    #expect { try GroupExpression.groups(of: [5]) } throws: { ($0 as? ExpressionError)?.code == .result }
    #expect { try GroupExpression.groups(of: true) } throws: { ($0 as? ExpressionError)?.code == .result }
  }
}

@Suite("Bounds on expressions")
struct BoundsTests {
  static func code(_ text: String, budget: ExpressionBudget = ExpressionBudget()) -> ExpressionError.Code? {
    do throws(ExpressionError) {
      var environment = EmptyEnvironment()
      _ = try Expression(text).evaluate(in: &environment, budget: budget)
      return nil
    } catch {
      return error.code
    }
  }

  @Test("deep nesting is refused, whatever it is made of")
  func depth() {
    for (open, close) in [
      ("(", ")"), ("[", "]"), ("{a:", "}"), ("!", ""), ("true ? ", " : 1"), ("x[", "]"), ("x|t(", ")"),
    ] {
      let text = String(repeating: open, count: 5_00) + "1" + String(repeating: close, count: 5_00)
      #expect(Self.code(text) == .tooLarge, "\(open)")
    }
    #expect(Self.code(String(repeating: "a", count: 20_001)) == .tooLarge)
  }

  @Test("long rows of operators and attributes are walked without recursion")
  func rows() {
    #expect(Self.code("1" + String(repeating: " + 1", count: 4_000)) == nil)
    #expect(Self.code("false" + String(repeating: " || false", count: 2_000)) == nil)
    #expect(Self.code("1" + String(repeating: "|debug", count: 3_000)) == nil)
    #expect(Self.code("{a: 1}" + String(repeating: "[true]", count: 2_000)) == nil)
    #expect(Self.code("1" + String(repeating: " + 1 * 2", count: 2_000)) == nil)
  }

  @Test("steps and memory are bounded")
  func budgets() {
    #expect(Self.code("1 + 1", budget: ExpressionBudget(steps: 2)) == .budget)
    #expect(Self.code("1 + 1", budget: ExpressionBudget(steps: 20)) == nil)
    #expect(Self.code("'a' * 1000000000") == .budget)
    #expect(Self.code("[1] * 9223372036854775807") == .budget)
    #expect(Self.code("9223372036854775807 * 'ab'") == .budget)
    #expect(Self.code("('a' * 1000000) + ('b' * 1000000) + ('c' * 1000000) + ('d' * 1000000)") == .budget)
    #expect(Self.code("10.0 ^ 400") == .arithmetic)
    // Small to hold, but endless to walk.
    #expect(Self.code("[[[[1] * 1000] * 1000] * 1000] * 1000") == .budget)
    #expect(Self.code("([0] * 5000) intersects ([1] * 5000)") == .budget)
    #expect(Self.code("('a' * 100000 + 'b') in ('a' * 1000000)") == .budget)
    #expect(Self.code("([0] * 100) intersects ([1] * 100)") == nil)
  }

  @Test("no text makes the parser or the evaluator stop")
  func garbage() {
    let pieces = [
      "1", "-", "9223372036854775807", "-9223372036854775808", "0", "1.5", "'a'", "\"b\"", "'", "\\", "true", "false",
      "x",
      ".y", "[", "]", "(", ")", "{", "}", "a:", ",", "?", ":", "!", "+", "*", "//", "/", "%", "^", "==", "<", ">=",
      "&&",
      "||", "|", "|length", "|round(2)", "|mapby('a')", "|sum", "|flatten", "|stringify", " in ", " intersects ", " ",
      "é", "\n", "[0]", "[-1]", "[.a]",
    ]
    var random: UInt64 = 42
    func next(_ bound: Int) -> Int {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(truncatingIfNeeded: (random >> 33) % UInt64(bound))
    }
    var evaluated = 0
    for _ in 0..<40_000 {
      let text = (0..<1 + next(9)).map { _ in pieces[next(pieces.count)] }.joined()
      if Self.code(text, budget: ExpressionBudget(steps: 2_000, memory: 1 << 16)) != .syntax { evaluated += 1 }
    }
    #expect(evaluated > 1_000)
  }

  @Test("only what is used is asked for")
  func lazy() throws {
    struct Recorder: ExpressionEnvironment {
      var asked: [[String]] = []

      mutating func resolve(_ path: [String]) throws(ExpressionError) -> Resolved? {
        asked.append(path)
        return Resolved(true, count: path.count)
      }
    }
    var recorder = Recorder()
    _ = try Expression("info.a.b && (info.c || info.d) ? info.e : info.f").evaluate(in: &recorder)
    #expect(recorder.asked == [["info", "a", "b"], ["info", "c"], ["info", "e"]])
  }

  @Test("errors of the surroundings and of nodes carry the position")
  func positions() {
    struct Refusing: ExpressionEnvironment {
      mutating func resolve(_ path: [String]) throws(ExpressionError) -> Resolved? {
        throw ExpressionError(.lookup, "no")
      }
    }
    #expect(throws: ExpressionError(.lookup, "no", at: 5)) {
      var environment = Refusing()
      _ = try Expression("1 == x").evaluate(in: &environment)
    }
    #expect(throws: ExpressionError(.type, "`<` does not work between text and integer.", at: 4)) {
      var environment = EmptyEnvironment()
      _ = try Expression("'a' < 1").evaluate(in: &environment)
    }
  }

  @Test("JSON is read as it is written")
  func json() {
    for text in [
      "null", "true", "[1,2.5,-3]", "{\"a\":{\"b\":[]}}", "\"\\u00e9\\ud83d\\udc4b\\n\"", "1e+30", "[\"\\\"\"]",
    ] {
      #expect(Value(json: text)?.json == text, "\(text)")
    }
    for text in [
      "", "{", "[1,]", "{\"a\"}", "01", "1.", "\"\n\"", "nul", "1 2", "'a'", String(repeating: "[", count: 70),
    ] {
      #expect(Value(json: text) == nil, "\(text)")
    }
    #expect(Value(json: " { \"a\" : 1 , \"a\" : 2 } ")?.json == "{\"a\":2}")
    #expect(Value(json: "9007199254740993") == .int(9_007_199_254_740_993))
  }
}
