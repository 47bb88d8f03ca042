import WorkflowEngine

/// What follows a node.
extension DeclaredNode {
  /// Goes on to a node; of a split, on one branch more.
  ///
  /// - Parameters:
  ///   - when: of a split: only if this expression holds.
  ///   - data: an expression, for the data of the next work item.
  public func next(
    _ target: NodeReference, when condition: String? = nil, data: String? = nil, label: String? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    with {
      $0.ways.append(
        Way(target: target, condition: condition, data: data, label: label, place: SourcePlace(file, line)))
    }
  }

  /// Goes on to a node once for each element of the list that an expression gives; the element is the item's data.
  public func forEach(
    _ items: String, _ target: NodeReference, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    with { $0.ways.append(Way(target: target, items: items, place: SourcePlace(file, line))) }
  }

  /// Of an `if`: where it goes when its condition holds.
  public func then(
    _ target: NodeReference, data: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    with {
      $0.ways.append(
        Way(
          target: target, condition: $0.definition.condition, data: data, closure: $0.conditionClosure,
          place: SourcePlace(file, line)))
    }
  }

  /// Of an `if`: where it goes otherwise.
  public func `else`(
    _ target: NodeReference, data: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    with { $0.ways.append(Way(target: target, isDefault: true, data: data, place: SourcePlace(file, line))) }
  }

  /// Of a `switch`: where it goes when this is the first condition that holds.
  public func `case`(
    _ condition: String, _ target: NodeReference, data: String? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DeclaredNode {
    with { $0.ways.append(Way(target: target, condition: condition, data: data, place: SourcePlace(file, line))) }
  }

  /// Of a `switch`: where it goes when no condition holds.
  public func `default`(
    _ target: NodeReference, data: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    `else`(target, data: data, file: file, line: line)
  }

  // MARK: Boundaries

  private func hanging(_ boundary: BoundaryDefinition, _ target: NodeReference, _ place: SourcePlace) -> DeclaredNode {
    with { $0.boundaries.append(Boundary(definition: boundary, target: target, place: place)) }
  }

  /// Goes to a node when the work item is open for so long.
  ///
  /// - Parameter interrupting: whether the work item is canceled then.
  public func onTimeout(
    _ delay: Duration, _ target: NodeReference, interrupting: Bool = true, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DeclaredNode {
    let boundary = BoundaryDefinition(
      .timer, target: target.name, delay: .seconds(delay.components.seconds), isInterrupting: interrupting)
    return hanging(boundary, target, SourcePlace(file, line))
  }

  /// As with a duration, for an expression that gives seconds or a moment.
  public func onTimeout(
    at expression: String, _ target: NodeReference, interrupting: Bool = true, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DeclaredNode {
    let boundary = BoundaryDefinition(
      .timer, target: target.name, delay: .expression(expression), isInterrupting: interrupting)
    return hanging(boundary, target, SourcePlace(file, line))
  }

  /// Goes to a node when the deadline of the work item passes: its lead time is over, or whatever moment people set
  /// is there.
  ///
  /// - Parameter interrupting: whether the work item is canceled then.
  public func onDeadline(
    _ target: NodeReference, interrupting: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    let boundary = BoundaryDefinition(.deadline, target: target.name, isInterrupting: interrupting)
    return hanging(boundary, target, SourcePlace(file, line))
  }

  /// Goes to a node when this one fails.
  ///
  /// - Parameter code: only for errors with this code.
  public func onError(
    _ code: String? = nil, _ target: NodeReference, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    let boundary = BoundaryDefinition(.error, target: target.name, errorCode: code)
    return hanging(boundary, target, SourcePlace(file, line))
  }

  /// Goes to a node when a child case tells an escalation, beside what goes on unless it interrupts.
  ///
  /// - Parameters:
  ///   - code: only for escalations with this code.
  ///   - interrupting: whether this node is canceled then, with its child cases.
  public func onEscalation(
    _ code: String? = nil, _ target: NodeReference, interrupting: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DeclaredNode {
    let boundary = BoundaryDefinition(
      .escalation, target: target.name, errorCode: code, isInterrupting: interrupting)
    return hanging(boundary, target, SourcePlace(file, line))
  }
}
