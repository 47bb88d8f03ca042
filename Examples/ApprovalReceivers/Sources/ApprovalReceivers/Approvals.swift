import Millrace

/// Receivers for a workflow with a task `review`.
public enum Approvals: MillraceModule {
  public static let name = "approvals"

  public static func register(_ events: inout ReceiverRegistry) {
    let isReview = filterEvents("review") { $0.workItem?.task == "review" }

    // Before a review is completed: stops the mutation unless somebody is named as its approver.
    events.on(.preCompleteWorkItem, raiseException: true, filter: isReview, name: "approver is named") { event, _ in
      guard event.context?.contains("approver") == true else {
        throw MillraceError(.invalidInput, "A review is completed with {\"approver\": …} as its context.")
      }
    }

    // After it: what happens in the database happens with the mutation, or not at all.
    events.on(.postCompleteWorkItem, sender: .completeWorkItem, filter: isReview, name: "note approval") { event, context in
      context.logger.info("approved", metadata: ["case": "\(event.case?.id.description ?? "")"])
      context.onCommit { context.logger.info("approval is stored") }
    }

    // Whatever follows a review comes after it.
    events.on(.postCreateWorkItem, filter: !isReview, name: "follow up") { event, context in
      context.logger.info("next", metadata: ["task": "\(event.workItem?.task ?? "")"])
    }
  }
}
