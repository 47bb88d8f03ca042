/// What a client asks for.
public enum Command: Sendable {
  case startCase(StartCase)
  case updateCase(UpdateCase)
  case cancelCase(EntityID)
  case suspendCase(EntityID)
  case resumeCase(EntityID)
  /// - workItems: the items that become ready again.
  case reopenCase(EntityID, workItems: [EntityID])
  /// - artifacts: those of the item from now on; nil leaves them.
  case completeWorkItem(EntityID, artifacts: [Artifact]? = nil)
  case skipWorkItem(EntityID)
  case cancelWorkItem(EntityID)
  case suspendWorkItem(EntityID)
  case resumeWorkItem(EntityID)
  case redoWorkItem(EntityID)
  case createWorkItem(CreateWorkItem)
  case saveWorkItem(SaveWorkItem)

  /// A worker begins a scheduled job: its item is running from now on. Refused unless the item is scheduled or
  /// running, so that a canceled job is not begun, and one whose worker was lost can be begun again.
  case startJob(EntityID)
  /// A job is done; the case goes on from it. Refused unless the job is running.
  case finishJob(EntityID, HandlerResult)
  /// A job has failed. It is scheduled again as its node's retry policy says; after the last attempt an error boundary
  /// takes over, or else its item has the status `error`. What was decided is in the item. Refused unless the job is
  /// running.
  case failJob(EntityID, WorkItemFailure)
  /// The moment of a scheduled timer has come; also looks at a waiting condition again. Refused for items that
  /// do not wait for a timer or a condition any more; a condition that does not hold is left waiting without an error.
  case fireTimer(EntityID)
  /// What a catch waits for has come. Refused unless the item waits.
  case deliver(Delivery)
  /// Takes a done item back: it is canceled. Refused while something that followed from it is not canceled, unless
  /// `cascade`, which takes back all of it first, the last one first. With `reopen` the item itself is not canceled but
  /// begins again in its place.
  case undoWorkItem(EntityID, cascade: Bool = false, reopen: Bool = false)
  /// Makes a copy of a canceled or failed item, which goes on in its place.
  case reviveWorkItem(EntityID)
  /// Tries what has failed again: a job is scheduled, a handler called, a gateway evaluated.
  case retryWorkItem(EntityID)
  /// Gives an unassigned item to users.
  case assignWorkItem(EntityID, users: [String])
  /// Takes an item from all of its users.
  case unassignWorkItem(EntityID)
  /// Gives an assigned item to others.
  case reassignWorkItem(EntityID, users: [String])
  /// Gives an unassigned item to the caller.
  case claimWorkItem(EntityID)
  /// The caller begins with an item.
  case startWorkItem(EntityID)
  /// The caller has opened an item's form. The item stays whose it is, and whoever has opened it too may still begin.
  case prepareWorkItem(EntityID)
  /// Has an automatic item do now what it would do later: a timer is due, a job is begun as soon as a worker is free, a
  /// condition is looked at again, a join goes on with what has come. What has not begun although its turn was there
  /// begins.
  case activateWorkItem(EntityID)
  /// Goes on from a done item when nothing of what followed it is left, or nothing ever did.
  case activateNext(EntityID)
  /// Lays an item aside until a moment, in microseconds since 1970.
  case snoozeWorkItem(EntityID, until: Int64)
  /// Takes a snoozed item up again; refused, if `isDue`, before its moment.
  case unsnoozeWorkItem(EntityID, isDue: Bool)
  /// Tells that the deadline of an open item has passed.
  case escalateWorkItem(EntityID)
  /// Has a multiple subprocess that is under way start one more case, for an element: JSON text, nil for none.
  case addSubprocessItem(EntityID, element: String?)
  /// Has an open case keep to another version.
  case migrateCase(MigrateCase)

  /// The mutation that this command stands for: the `sender` of its events.
  public var operation: Operation {
    switch self {
    case .startCase: .startCase
    case .updateCase: .saveCase
    case .cancelCase: .cancelCase
    case .suspendCase: .suspendCase
    case .resumeCase: .resumeCase
    case .reopenCase: .reopenCase
    case .completeWorkItem: .completeWorkItem
    case .skipWorkItem: .skipWorkItem
    case .cancelWorkItem: .cancelWorkItem
    case .suspendWorkItem: .suspendWorkItem
    case .resumeWorkItem: .resumeWorkItem
    case .redoWorkItem: .redoWorkItem
    case .createWorkItem: .createWorkItem
    case .saveWorkItem: .saveWorkItem
    case .startJob: .startJob
    case .finishJob: .finishJob
    case .failJob: .failJob
    case .fireTimer: .fireTimer
    case .deliver: .deliver
    case .undoWorkItem: .undoWorkItem
    case .reviveWorkItem: .reviveWorkItem
    case .retryWorkItem: .retryWorkItem
    case .assignWorkItem: .assignWorkItem
    case .unassignWorkItem: .unassignWorkItem
    case .reassignWorkItem: .reassignWorkItem
    case .claimWorkItem: .claimWorkItem
    case .startWorkItem: .startWorkItem
    case .prepareWorkItem: .prepareWorkItem
    case .activateWorkItem: .activateWorkItem
    case .activateNext: .activateNext
    case .snoozeWorkItem: .snoozeWorkItem
    case .unsnoozeWorkItem: .unsnoozeWorkItem
    case .escalateWorkItem: .escalateWorkItem
    case .addSubprocessItem: .addSubprocessItem
    case .migrateCase: .migrateCases
    }
  }

  /// Whether nobody waits for the command's answer: what fails then becomes the error of an item instead of refusing
  /// the command.
  public var isBackground: Bool {
    switch self {
    case .startJob, .finishJob, .failJob, .fireTimer, .escalateWorkItem, .unsnoozeWorkItem: true
    default: false
    }
  }
}
