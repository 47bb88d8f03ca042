/// What a plan does, for people: which fields fetch, from where, and what has to be there first.
public struct StepExplanation: Sendable {
  /// Number of the step, from zero.
  public let number: Int
  /// The step whose rows are the parents; nil at the root.
  public let parent: Int?
  /// `Type.field` of the field that the step serves.
  public let coordinate: String
  /// The response path of the field.
  public let path: String
  /// The name of the source.
  public let source: String
  public let shape: StepSource.Shape
  /// Root fields of a mutation run one after the other: one segment each.
  public let segment: Int
  /// Steps of one level travel together.
  public let level: Int
}

extension Plan {
  /// The steps in the order in which they begin.
  public var explanation: [StepExplanation] {
    var served: [Int: (coordinate: String, path: String)] = [:]
    describe(rootSelection, [], &served)
    return steps.indices.map { number in
      let step = steps[number]
      return StepExplanation(
        number: number, parent: step.parent, coordinate: served[number]?.coordinate ?? "",
        path: served[number]?.path ?? "", source: step.source.name, shape: step.source.shape,
        segment: segments.firstIndex { $0.steps.contains(number) } ?? 0, level: step.level)
    }
  }

  private func describe(_ selection: Int, _ path: [String], _ served: inout [Int: (coordinate: String, path: String)]) {
    for variant in selections[selection].variants {
      // A field that may come at several places is described at the first.
      for field in fields[variant.fields] where conditions[field.condition].after == nil {
        let path = path + [field.responseKey]
        switch field.kind {
        case .object(let targets):
          for target in targets { describe(field, target, path, &served) }
        case .list(let target, _), .connection(let target):
          describe(field, target, path, &served)
        case .value(let step):
          note(field, step, path, &served)
        case .edges(let selection), .node(let selection), .pageInfo(let selection):
          describe(selection, path, &served)
        case .constant, .leaf, .totalCount, .hasNextPage, .hasPreviousPage, .startCursor, .endCursor, .cursor:
          break
        }
      }
    }
  }

  private func describe(
    _ field: OutputField, _ target: OutputField.Target, _ path: [String],
    _ served: inout [Int: (coordinate: String, path: String)]
  ) {
    note(field, target.step, path, &served)
    describe(target.selection, path, &served)
  }

  private func note(
    _ field: OutputField, _ step: Int, _ path: [String], _ served: inout [Int: (coordinate: String, path: String)]
  ) {
    if served[step] == nil { served[step] = (field.coordinate, path.joined(separator: ".")) }
  }
}

extension Execution {
  /// Begins every step with made-up parents and waits for none, so that a host can record what each would ask
  /// of it. Nothing may come of the context's requests: sources must not act before they are awaited.
  /// - Parameters:
  ///   - example: stands in for the rows of a parent.
  ///   - report: called after each step, with the error of a step that could not begin.
  public mutating func rehearse(example: RowBatch, report: (StepExplanation, GraphQLError?) -> Void) {
    for step in plan.explanation {
      let state = begin(step.number, parents: plan.steps[step.number].parent == nil ? nil : example)
      if case .failed(let error) = state { report(step, error) } else { report(step, nil) }
    }
  }
}
