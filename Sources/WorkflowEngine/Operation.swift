/// The mutations that change cases and work items. The one a client sent is the `sender` of every event that it
/// causes, also of nested ones.
public enum Operation: String, Sendable, CaseIterable {
  case startCase, saveCase, cancelCase, suspendCase, resumeCase, reopenCase
  case completeWorkItem, skipWorkItem, cancelWorkItem, suspendWorkItem, resumeWorkItem, redoWorkItem
  case saveWorkItem, createWorkItem
  case startJob, finishJob, failJob, fireTimer, deliver
  case undoWorkItem, reviveWorkItem, retryWorkItem
  case assignWorkItem, unassignWorkItem, reassignWorkItem, claimWorkItem, startWorkItem
  case snoozeWorkItem, unsnoozeWorkItem, escalateWorkItem
  case prepareWorkItem, activateWorkItem, activateNext
  case addSubprocessItem
  case migrateCases

  /// Those that Caluma has.
  public static let caluma = Array(allCases.prefix { $0 != .startJob })
}
