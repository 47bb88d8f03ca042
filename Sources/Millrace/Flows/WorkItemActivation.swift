import WorkflowEngine

extension WorkItem {
  /// What can be done with the item now, by whoever acts here: in a receiver or a handler the user of the mutation,
  /// within `CaseService.flows(as:)` the caller that is named there.
  ///
  /// ```swift
  /// let activation = try await workItem.activation()
  /// if activation.undo.canProceed { try await activation.undo() }
  /// ```
  ///
  /// - Throws: not found, where no such item can be changed here.
  public func activation() async throws -> WorkItemActivation {
    let host = try FlowHost.require()
    let offers = try await host.offers(of: id)
    guard !offers.isEmpty else { throw MillraceError(.notFound, "No WorkItem matches the given query.") }
    return WorkItemActivation(workItem: id, offers: offers, host: host)
  }
}

/// A work item with what could be done with it when this was asked for; a transition asks again when it is carried out.
public struct WorkItemActivation: Sendable {
  public let workItem: EntityID
  /// All transitions.
  public let offers: [TransitionOffer]
  let host: FlowHost

  public subscript(_ transition: Transition) -> TransitionOffer {
    offers.first { $0.transition == transition }
      ?? TransitionOffer(transition: transition, refusal: EngineError(.state, "The work item cannot do this."))
  }

  /// Carries out a transition of the item.
  public struct Step: OfferedTransition {
    public let offer: TransitionOffer
    let command: Command
    let host: FlowHost

    public func callAsFunction() async throws { _ = try await host.run(command) }
  }

  /// Carries out a transition that gives the item to users.
  public struct Assignment: OfferedTransition {
    public let offer: TransitionOffer
    let command: @Sendable ([String]) -> Command
    let host: FlowHost

    public func callAsFunction(_ users: String...) async throws { _ = try await host.run(command(users)) }
  }

  public struct Undo: OfferedTransition {
    public let offer: TransitionOffer
    let workItem: EntityID
    let host: FlowHost

    /// - Parameters:
    ///   - cascade: takes back all that followed first; then it is allowed also while something did.
    ///   - reopen: the item begins again in its place.
    public func callAsFunction(cascade: Bool = false, reopen: Bool = false) async throws {
      _ = try await host.run(.undoWorkItem(workItem, cascade: cascade, reopen: reopen))
    }
  }

  private func step(_ transition: Transition, _ command: Command) -> Step {
    Step(offer: self[transition], command: command, host: host)
  }

  public var assign: Assignment {
    Assignment(offer: self[.assign], command: { [workItem] in .assignWorkItem(workItem, users: $0) }, host: host)
  }
  public var reassign: Assignment {
    Assignment(offer: self[.reassign], command: { [workItem] in .reassignWorkItem(workItem, users: $0) }, host: host)
  }
  public var unassign: Step { step(.unassign, .unassignWorkItem(workItem)) }
  public var claim: Step { step(.claim, .claimWorkItem(workItem)) }
  /// Somebody has opened the form.
  public var prepare: Step { step(.prepare, .prepareWorkItem(workItem)) }
  /// Somebody begins.
  public var start: Step { step(.start, .startWorkItem(workItem)) }
  /// To complete an item of people; what follows is activated with it.
  public var done: Step { step(.complete, .completeWorkItem(workItem)) }
  public var skip: Step { step(.skip, .skipWorkItem(workItem)) }
  public var cancel: Step { step(.cancel, .cancelWorkItem(workItem)) }
  public var suspend: Step { step(.suspend, .suspendWorkItem(workItem)) }
  public var resume: Step { step(.resume, .resumeWorkItem(workItem)) }
  public var redo: Step { step(.redo, .redoWorkItem(workItem)) }
  /// Has the item do now what it would do later, or what it has not come to.
  public var activate: Step { step(.activate, .activateWorkItem(workItem)) }
  /// The work of an item that runs by itself: `activate` by another name.
  public var perform: Step { activate }
  /// Goes on from the item where what followed is missing.
  public var activateNext: Step { step(.activateNext, .activateNext(workItem)) }
  public var undo: Undo { Undo(offer: self[.undo], workItem: workItem, host: host) }
  public var revive: Step { step(.revive, .reviveWorkItem(workItem)) }
  public var retry: Step { step(.retry, .retryWorkItem(workItem)) }
  /// What a catch waits for has come.
  public var deliver: Step { step(.deliver, .deliver(Delivery(to: workItem))) }
}
