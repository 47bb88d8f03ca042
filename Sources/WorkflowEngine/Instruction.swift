/// The four beats of an operation, with the operations on others that it takes along between `pre` and `change`.
enum Beat {
  /// Is the operation allowed now?
  case validate
  /// Tell that it is about to happen.
  case pre
  /// Put what it takes along on the agenda.
  case cascade
  /// Write the row.
  case change
  /// Tell that it has happened.
  case post
}

/// One entry of an execution's agenda. It is decided when its turn comes, against the state of that moment,
/// because receivers may have changed the family since it was noted.
enum Instruction {
  // Large payloads stand aside, so that the agenda moves little.
  indirect case startCase(StartCase, Beat)
  indirect case updateCase(UpdateCase, Beat)
  case cancelCase(EntityID, Beat, nested: Bool)
  case suspendCase(EntityID, Beat, nested: Bool)
  case resumeCase(EntityID, Beat, nested: Bool)
  case reopenCase(EntityID, [EntityID], Beat)
  case completeCase(EntityID, Beat)
  case completeWorkItem(EntityID, Beat)
  case skipWorkItem(EntityID, Beat)
  case cancelWorkItem(EntityID, Beat, nested: Bool)
  case suspendWorkItem(EntityID, Beat, nested: Bool)
  case resumeWorkItem(EntityID, Beat, nested: Bool)
  case redoWorkItem(EntityID, Beat)
  indirect case saveWorkItem(SaveWorkItem, Beat)
  indirect case createWorkItem(CreateWorkItem, Beat)

  /// An operation of typed nodes, or one on whom an item is given to.
  indirect case operate(Command, Beat)
  /// Find out what follows a closed item.
  case proceed(after: EntityID)
  /// Evaluate the groups of a task and note its items, or create its automatic one.
  indirect case arrive(Arrival)
  /// Create one item of a human task, or make its items in redo ready again.
  indirect case instantiate(Arrival, addressed: [String], controlling: [String])
  /// Carry out what a typed node does.
  case activate(EntityID)
  /// Complete an automatic item.
  case finish(EntityID, Beat)
  /// Undo what hangs on a closed item.
  case wind(EntityID)
  indirect case failed(EntityID, WorkItemFailure, Beat)
  /// Note that no way on from a done item could be found.
  indirect case stalled(EntityID, WorkItemFailure)
  indirect case call(HandlerCall)
  /// Look at how a handler's call ended.
  indirect case called(HandlerCall)
  /// Have a done item wait again for the case that was started for it.
  case waitAgain(EntityID, Beat)
  /// Tell the subprocess that waits for a case.
  case childClosed(EntityID)
  case setCompensated(EntityID)
  case reschedule(EntityID)
  case expedite(EntityID)
  indirect case rename(EntityID, String)
  /// Give an overdue item to others, and begin what its boundaries lead to.
  case escalate(EntityID, Beat)
  /// Tell that the item's deadline has passed, if that is still to be told.
  case overdue(EntityID)
  /// A step that is decided already.
  indirect case give(Step)
  /// Write the item that `pre_create_work_item` told of.
  case insertPending
  /// Make an item in redo ready again.
  indirect case reenter(EntityID, Arrival, Beat)
  case setReady(EntityID)
  case setRedo(EntityID)
  case setJoined(EntityID, Bool)
  /// Tell of an item that was changed along with the one that the command names.
  case tell(EventName, EntityID)
  /// Tell of the items that a join opened with or lets go.
  indirect case tellJoin(EventName, caseID: EntityID, items: [EntityID])
  /// Write the parent work item that was linked to a new case.
  case storeParent(EntityID)
  /// Tell of the items that were created or made ready again.
  case announceCreated(Int)
}
