import Foundation
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

/// The code of the how-to pages: what stands there is what is compiled here, or what the example package is built of.
@Suite("Code in the documentation")
struct DocumentationTests {
  private static let root: URL = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url
  }()

  private static func lines(_ path: String) throws -> [String] {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  /// The blocks of Swift on a page.
  private static func blocks(_ path: String) throws -> [[String]] {
    var blocks: [[String]] = []
    var block: [String]?
    for line in try lines(path) {
      if line.hasPrefix("```") {
        if let block { blocks.append(block) }
        block = line == "```swift" ? [] : nil
      } else {
        block?.append(line)
      }
    }
    return blocks
  }

  @Test(
    "every block of Swift on the pages about modules is compiled somewhere",
    arguments: ["receivers", "hooks", "modules"])
  func blocksAreCompiled(page: String) throws {
    let sources = try [
      "Tests/MillraceTests/DocumentedModules.swift",
      "Examples/ApprovalReceivers/Sources/ApprovalReceivers/Approvals.swift",
      "Examples/ApprovalReceivers/Sources/ApprovalModule/Entry.swift",
      "Examples/ApprovalReceivers/Sources/ApprovalServer/main.swift",
    ].map { try Self.lines($0).joined(separator: "\n") }
    let blocks = try Self.blocks("docs/how-to/\(page).md")
    #expect(!blocks.isEmpty)
    for block in blocks {
      let text = block.joined(separator: "\n")
      #expect(sources.contains { $0.contains(text) }, "\(text)")
    }
  }

  @Test("the receivers of the page do what it says")
  func receivers() async throws {
    try await OrderFixture.with { Papers.register(&$0) } _: { fixture in
      _ = try await fixture.database.transaction { try await $0.query("create table reviews (item uuid)") }
      let slow = try await fixture.start()
      try await fixture.complete("draft", of: slow)
      let noted = try await fixture.count(
        "select count(*) from reviews r join work_items w on w.id = r.item and w.task = 'review'")
      #expect(noted == 1)
      let review = try await fixture.ready("review", of: slow)
      let veto = await #expect(throws: MillraceError.self) {
        try await fixture.service.run(
          CaseService.Request(command: .completeWorkItem(review), caller: Caller(user: "ann")))
      }
      #expect(veto == MillraceError(.receiverFailed, "Somebody else has to review."))
      try await fixture.complete("review", of: slow)

      let start = try await fixture.service.run(
        CaseService.Request(command: .startCase(StartCase(workflow: "order", meta: "{\"urgent\": true}"))))
      let urgent = try #require(start.caseID)
      try await fixture.complete("draft", of: urgent)
      try await fixture.complete("check", of: urgent)
      // The review was skipped, so nothing else holds up the join.
      _ = try await fixture.ready("send", of: urgent)
      let assigned = try await fixture.count(
        "select count(*) from work_items w join cases c on c.id = w.case_id where w.assigned_users = '{boss}' and c.meta ? 'urgent'"
      )
      #expect(assigned == 4)
    }
  }

  @Test("the hooks of the page do what it says")
  func hooks() async throws {
    try await OrderFixture.with(settings: .test) { Billing.register(&$0) } _: { fixture in
      _ = try await fixture.database.transaction { try await $0.query("create table bookings (order_case uuid)") }
      try await fixture.service.saveHooks(fixture.receivers.hooks)
      var input = HookInput(name: "booking")
      input.trigger = .given(.completion)
      input.action = .given(.function("book"))
      try await fixture.service.saveHook(input)
      try await fixture.withWorker { _ in
        let id = try await fixture.start()
        let draft = try await fixture.ready("draft", of: id)
        let veto = await #expect(throws: MillraceError.self) {
          try await fixture.service.run(CaseService.Request(command: .completeWorkItem(draft)))
        }
        #expect(veto == MillraceError(.receiverFailed, "Nobody is named."))
        for task in ["draft", "review", "check", "send"] { try await fixture.complete(task, of: id) }
        try await fixture.wait("select count(*) = 2 from hook_deliveries where status = 'delivered'")
        let booked = try await fixture.count("select count(*) from bookings")
        #expect(booked == 1)
      }
    }
  }
}
