import Millrace
import Postgres
import WorkflowEngine

// The modules of the how-to pages, word for word; `DocumentationTests` compares them with the pages and runs them.

enum Papers: MillraceModule {
  static let name = "papers"

  static func register(_ events: inout ReceiverRegistry) {
    let isReview = filterEvents("review", \.workItem) { $0.task == "review" }
    let isUrgent = filterEvents("urgent", \.case) { $0.meta.contains("urgent") }

    // A review has come up: written with the mutation, or not at all.
    events.on(.postCreateWorkItem, sender: .completeWorkItem, filter: isReview && !isUrgent) { event, context in
      guard let item = event.workItem else { return }
      var parameters = Parameters()
      parameters.append(item.id.uuid)
      try await context.query("insert into reviews (item) values ($1)", parameters)
    }

    // Vetoes: with `raiseException` an error fails the mutation, and nothing of it remains.
    events.on(.preCompleteWorkItem, raiseException: true, filter: isReview) { event, _ in
      guard event.user != event.case?.createdByUser else {
        throw MillraceError(.invalidInput, "Somebody else has to review.")
      }
    }

    // Urgent papers go without a review; the filter decorates the receiver.
    events.on(.postCreateWorkItem, (isReview && isUrgent) { event, context in
      guard let item = event.workItem else { return }
      try await context.skipWorkItem(item.id)
    })

    // Changes what is about to be created.
    events.on(.preCreateWorkItem, filter: isUrgent) { _, context in
      try context.changeWorkItem { $0.assignedUsers = ["boss"] }
    }

    // A model event, and one for after the commit.
    events.on(.postSave, sender: .workflow) { event, context in
      context.logger.info("A workflow was saved.", metadata: ["slug": "\(event.key)"])
    }
    events.onCommit(.postCompleteCase) { event in
      print("\(event.case?.id.description ?? "") is done.")
    }
  }
}

enum Billing: MillraceModule {
  static let name = "billing"

  static func register(_ events: inout ReceiverRegistry) {
    // For hooks that are saved over GraphQL.
    events.hookFunction("book") { call, context in
      var parameters = Parameters()
      parameters.append(call.object.id.uuid)
      try await context.query("insert into bookings (order_case) values ($1)", parameters)
    }
    // A function and its hook at once; saved when the server starts.
    events.hookPreTransition("check-credit", workflow: "order", source: "draft", destination: "review") { call, context in
      guard call.user != nil else { throw MillraceError(.invalidInput, "Nobody is named.") }
    }
    events.hookPostComplete("archive", workflow: "order") { call, context in
      context.logger.info("Archived.", metadata: ["case": "\(call.object.id)"])
    }
  }
}
