import Foundation
import Testing

@testable import Expressions

/// docs/reference/expressions.md says what the evaluator does, and leaves nothing out.
@Suite("The reference of expressions")
struct ReferenceTests {
  private static let page: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return (try? String(contentsOf: root.appendingPathComponent("docs/reference/expressions.md"), encoding: .utf8))
      ?? ""
  }()

  /// The first cells of a section's table.
  private static func names(_ section: String) -> [String] {
    let text =
      page.components(separatedBy: "## \(section)\n").dropFirst().first?.components(separatedBy: "\n## ").first ?? ""
    return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.compactMap { row in
      row.split(separator: "`").dropFirst().first.map { String($0).replacing("\\|", with: "|") }
    }
  }

  private static func outcome(_ text: String) -> String {
    do throws(ExpressionError) {
      var environment = WorkflowEnvironment(
        context: ValueEnvironment(
          .object([
            .init(
              key: "list", value: Value(json: #"[{"n": 1, "k": "x"}, {"n": 2, "k": "y"}, {"n": 3, "k": "x"}]"#) ?? .null
            ),
            .init(
              key: "info",
              value: Value(
                json: """
                  {"case": {"created_by_group": "clerks"}, "work_item": {"created_by_group": "heads"},
                  "prev_work_item": {"addressed_groups": ["clerks"], "controlling_groups": ["heads"]},
                  "context": {"addressed_groups": ["lawyers"], "controlling_groups": ["judges"]}}
                  """) ?? .null),
          ])))
      return try Expression(text).evaluate(in: &environment).json
    } catch {
      return "!\(error.code.rawValue) \(error.explanation)"
    }
  }

  @Test("every example gives what the page says")
  func examples() throws {
    let example = try Regex("`([^`]+)` → `([^`]+)`")
    let found = Self.page.matches(of: example)
    #expect(found.count >= 54)
    for match in found {
      let expression = String(match[1].substring ?? "").replacing("\\|", with: "|")
      #expect(Self.outcome(expression) == String(match[2].substring ?? ""), "\(expression)")
    }
  }

  @Test("every operator stands on the page with its strength, and every transform")
  func complete() {
    let operators = Self.names("Operators")
    #expect(Set(operators) == Set(BinaryOperator.allCases.map(\.rawValue)).union(["!", "? :"]))
    for symbol in BinaryOperator.allCases {
      let row = "| `\(symbol.rawValue.replacing("|", with: "\\|"))` | \(symbol.precedence) |"
      #expect(Self.page.contains(row), "\(row)")
    }
    let transforms = Self.names("Transforms").map { String($0.prefix { $0 != "(" }) }
    #expect(transforms == transforms.reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
    #expect(Set(transforms) == Set(BuiltinTransform.allCases.map(\.rawValue)).union(FlowExpression.transforms))
  }

  @Test("what the page says is refused is refused in its words")
  func refusals() throws {
    let section = Self.page.components(separatedBy: "## What is refused").dropFirst().first ?? ""
    let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
    #expect(rows.count == 4)
    for row in rows {
      let text = row.replacing("\\|", with: "\u{1}")
      let cells = text.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      let expression = cells[0].trimmingCharacters(in: ["`"]).replacing("\u{1}", with: "|")
      let problem: String
      do throws(ExpressionError) {
        let analysis = try Expression(expression).analyze()
        problem = FlowExpression.problems(of: analysis) { $0 != "gone" }.first ?? "none"
      } catch {
        problem = "Could not parse expression: \(error.explanation)"
      }
      #expect(problem == cells[1].replacing("\u{1}", with: "|"), "\(expression)")
    }
  }

  @Test("the bounds on the page are those that hold")
  func bounds() {
    let (limits, budget) = (ExpressionLimits(), ExpressionBudget())
    #expect(limits.length == 20_000 && limits.depth == 100 && budget.steps == 100_000 && budget.memory == 4 << 20)
    #expect(
      Self.page.contains("| levels of nesting | 100 |") && Self.page.contains("| steps of an evaluation | 100 000 |"))
  }
}
