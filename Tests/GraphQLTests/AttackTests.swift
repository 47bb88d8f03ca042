import AttackDocuments
import GraphQL
import Testing

/// Documents that bring down naive implementations. `Benchmarks/attacks` holds the optimised build to the bounds
/// themselves.
@Suite("Hostile documents")
struct AttackTests {
  /// What one document may cost in an optimised build, in milliseconds.
  static let budget = 20.0

  #if DEBUG
    /// Without optimisation the same work takes so many times as long.
    static let slack = 40.0
  #else
    /// For machines slower than the one the bound was set on.
    static let slack = 2.0
  #endif

  @Test("there are enough of them, and no two of one name")
  func count() {
    #expect(Attack.all.count >= 40)
    #expect(Set(Attack.all.map(\.name)).count == Attack.all.count)
  }

  @Test("no document takes more than its time or gets an answer out of proportion", arguments: Attack.all)
  func isBounded(_ attack: Attack) throws {
    let run = try #require(AttackRun(attack))
    #expect(run.milliseconds <= Self.budget * Self.slack)
    #expect(run.errors.count <= Limits().maxValidationErrors + 1)
    let output = OutputBuffer(capacity: 1_024)
    for error in run.errors { output.append(error) }
    #expect(output.count <= 1_000_000)
  }
}
