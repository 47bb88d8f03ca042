/// The steps below a mutation's, begun before it has ended: what they ask can then travel with the mutation's last
/// words.
public final class StepsAhead {
  private let beginSteps: (RowBatch) -> [(step: Int, state: StepState)]
  private var batch: RowBatch?
  private var states: [(step: Int, state: StepState)] = []

  init(_ beginSteps: @escaping (RowBatch) -> [(step: Int, state: StepState)]) {
    self.beginSteps = beginSteps
  }

  /// Begins the steps for the rows that the mutation will answer. Called again when it has to start over: what was
  /// begun for other rows is forgotten.
  public func begin(_ batch: RowBatch) {
    self.batch = batch
    states = beginSteps(batch)
  }

  /// Forgets what was begun.
  public func discard() {
    batch = nil
    states = []
  }

  /// What was begun for a step below these rows.
  func state(of step: Int, below batch: RowBatch) -> StepState? {
    guard self.batch === batch else { return nil }
    return states.first { $0.step == step }?.state
  }
}
