/// One run of a plan: fetch level by level, then write the answer.
///
/// Spec: section 6, "Execution". `executeQuery` and `executeMutation` differ only in the plan's segments: a
/// query has one, a mutation one per root field, run one after the other.
public struct Execution {
  let plan: Plan
  let variables: VariableValues
  let context: ExecutionContext
  /// The event that is answered, in a subscription.
  private let event: SourceEvent?
  /// Which conditions of the plan hold with these variables.
  private let holds: ContiguousArray<Bool>
  private var results: ContiguousArray<StepState>
  public private(set) var errors: [GraphQLError] = []

  /// - Parameters:
  ///   - variables: as `Plan.coerceVariables` answers them.
  ///   - event: the event that a subscription's response is made from; nil for queries and mutations.
  public init(plan: Plan, variables: VariableValues, context: ExecutionContext, event: SourceEvent? = nil) {
    self.plan = plan
    self.variables = variables
    self.context = context
    self.event = event
    self.holds = plan.holds(variables)
    self.results = ContiguousArray(repeating: .skipped, count: plan.steps.count)
  }

  /// Runs a plan whose steps all answer at once and appends `{"data":…}` to the output.
  ///
  /// - Precondition: `plan.isSynchronous`.
  public mutating func runSynchronously(into output: OutputBuffer) {
    if let known = plan.constantResponse {
      output.append(known)
      return
    }
    for segment in plan.segments(holds) {
      for step in segment.steps {
        results[step] = begin(step)
      }
    }
    writeResponse(into: output)
  }

  /// Runs the plan and appends the response to the output. Suspends once per level of steps at most.
  public mutating func run(into output: OutputBuffer) async {
    for segment in plan.segments(holds) {
      await fetch(segment)
    }
    writeResponse(into: output)
  }

  // MARK: Fetching

  private mutating func fetch(_ segment: Segment) async {
    let ahead = plan.operation == .mutation ? stepsAhead(segment) : nil
    var next = segment.steps.lowerBound
    while next < segment.steps.upperBound {
      let level = plan.steps[next].level
      var end = next
      while end < segment.steps.upperBound, plan.steps[end].level == level {
        results[end] = begin(end, ahead: ahead)
        end += 1
      }
      for step in next..<end {
        if case .pending(let pending) = results[step] {
          do throws(GraphQLError) {
            results[step] = .ready(try await pending.batch())
          } catch {
            results[step] = .failed(error)
          }
        }
      }
      next = end
    }
  }

  private func begin(_ index: Int, ahead: StepsAhead? = nil) -> StepState {
    let step = plan.steps[index]
    guard holds[step.condition] else { return .skipped }
    guard let parent = step.parent else { return begin(index, parents: nil, ahead: ahead) }
    guard case .ready(let batch) = results[parent], batch.rowCount > 0 else { return .skipped }
    return ahead?.state(of: index, below: batch) ?? begin(index, parents: batch)
  }

  /// The steps of a mutation's segment that need not wait for the mutation's end.
  private func stepsAhead(_ segment: Segment) -> StepsAhead? {
    let steps = segment.steps.filter {
      plan.steps[$0].parent == segment.steps.lowerBound && plan.steps[$0].source.beginsAhead
    }
    guard !steps.isEmpty else { return nil }
    return StepsAhead { [self] batch in
      steps.filter { holds[plan.steps[$0].condition] }.map { ($0, begin($0, parents: batch)) }
    }
  }

  /// Begins a step for these parents, whatever the conditions say.
  func begin(_ index: Int, parents: RowBatch?, ahead: StepsAhead? = nil) -> StepState {
    let step = plan.steps[index]
    let arguments: ValueObject
    do throws(GraphQLError) {
      arguments = try plan.arguments(of: step, variables)
    } catch {
      return .failed(error)
    }
    let request = StepRequest(
      schema: plan.schema, parents: parents, parentSlots: step.parentSlots, properties: step.properties,
      arguments: arguments,
      connection: step.connection, context: context, event: event, ahead: ahead)
    switch step.source.begin(request) {
    case .ready(let batch): return .ready(batch)
    case .pending(let pending): return .pending(pending)
    case .failed(let error): return .failed(error)
    }
  }

  // MARK: Writing

  private mutating func writeResponse(into output: OutputBuffer) {
    errors = ResponseWriter.write(plan, holds: holds, results: results, maxErrors: context.maxErrors, into: output)
  }
}

/// What became of a step.
enum StepState {
  /// Its field is not part of this response, or its parents have no rows.
  case skipped
  case pending(any PendingBatch)
  case ready(RowBatch)
  case failed(GraphQLError)
}
