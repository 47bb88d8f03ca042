import Millrace
import Postgres
import Testing
import WorkflowEngine

@Suite("Joins")
struct JoinRaceTests {
  @Test("two siblings completed at once through two loops open the join exactly once, 100 rounds")
  func race() async throws {
    try await OrderFixture.with { fixture in
      try await fixture.withSecondService { second in
        for _ in 0..<100 {
          let id = try await fixture.start()
          try await fixture.complete("draft", of: id)
          let review = try await fixture.ready("review", of: id)
          let check = try await fixture.ready("check", of: id)
          async let one = second.run(CaseService.Request(command: .completeWorkItem(check)))
          let two = try await fixture.service.run(CaseService.Request(command: .completeWorkItem(review))).workItemID
          _ = try await (one, two)
          _ = try await fixture.ready("send", of: id)
        }
      }
      let successors = try await fixture.count("select count(*) from work_items where task = 'send'")
      #expect(successors == 100)
    }
  }
}
