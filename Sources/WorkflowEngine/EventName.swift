/// The names of events; raw values are those of Caluma.
///
/// Additions, so that the event log tells of every change: `post_update_case`, `post_save_work_item`,
/// `post_reset_work_item` (the item waits in redo because one before it was redone), `post_reopen_work_item` (it is
/// ready again because its case was reopened), `post_open_join` and `post_shut_join` (a join went on with items of
/// this round, or counts them anew).
///
/// Typed nodes add those of `assign`, `unassign`, `reassign`, `prepare`, `start`, `activate`, `activateNext`, `undo`,
/// `revive`, `retry` and `fail`, and
/// `post_advance_work_item`: an item that runs by itself has come further without being done. Besides: those of
/// `snooze` and `unsnooze`, and `post_overdue_work_item`, once for each deadline that passes.
public enum EventName: String, Sendable, CaseIterable {
  case preCreateWorkItem = "pre_create_work_item"
  case postCreateWorkItem = "post_create_work_item"
  case preCompleteWorkItem = "pre_complete_work_item"
  case postCompleteWorkItem = "post_complete_work_item"
  case preCancelWorkItem = "pre_cancel_work_item"
  case postCancelWorkItem = "post_cancel_work_item"
  case preSkipWorkItem = "pre_skip_work_item"
  case postSkipWorkItem = "post_skip_work_item"
  case preSuspendWorkItem = "pre_suspend_work_item"
  case postSuspendWorkItem = "post_suspend_work_item"
  case preResumeWorkItem = "pre_resume_work_item"
  case postResumeWorkItem = "post_resume_work_item"
  case preRedoWorkItem = "pre_redo_work_item"
  case postRedoWorkItem = "post_redo_work_item"
  case postSaveWorkItem = "post_save_work_item"
  case postResetWorkItem = "post_reset_work_item"
  case postReopenWorkItem = "post_reopen_work_item"
  case preAssignWorkItem = "pre_assign_work_item"
  case postAssignWorkItem = "post_assign_work_item"
  case preUnassignWorkItem = "pre_unassign_work_item"
  case postUnassignWorkItem = "post_unassign_work_item"
  case preReassignWorkItem = "pre_reassign_work_item"
  case postReassignWorkItem = "post_reassign_work_item"
  case preStartWorkItem = "pre_start_work_item"
  case postStartWorkItem = "post_start_work_item"
  case prePrepareWorkItem = "pre_prepare_work_item"
  case postPrepareWorkItem = "post_prepare_work_item"
  case preActivateWorkItem = "pre_activate_work_item"
  case postActivateWorkItem = "post_activate_work_item"
  case preActivateNext = "pre_activate_next"
  case postActivateNext = "post_activate_next"
  case preUndoWorkItem = "pre_undo_work_item"
  case postUndoWorkItem = "post_undo_work_item"
  case preReviveWorkItem = "pre_revive_work_item"
  case postReviveWorkItem = "post_revive_work_item"
  case preRetryWorkItem = "pre_retry_work_item"
  case postRetryWorkItem = "post_retry_work_item"
  case preFailWorkItem = "pre_fail_work_item"
  case postFailWorkItem = "post_fail_work_item"
  case postAdvanceWorkItem = "post_advance_work_item"
  case preSnoozeWorkItem = "pre_snooze_work_item"
  case postSnoozeWorkItem = "post_snooze_work_item"
  case preUnsnoozeWorkItem = "pre_unsnooze_work_item"
  case postUnsnoozeWorkItem = "post_unsnooze_work_item"
  case postOverdueWorkItem = "post_overdue_work_item"
  case preCreateCase = "pre_create_case"
  case postCreateCase = "post_create_case"
  case preCompleteCase = "pre_complete_case"
  case postCompleteCase = "post_complete_case"
  case preCancelCase = "pre_cancel_case"
  case postCancelCase = "post_cancel_case"
  case preSuspendCase = "pre_suspend_case"
  case postSuspendCase = "post_suspend_case"
  case preResumeCase = "pre_resume_case"
  case postResumeCase = "post_resume_case"
  case preReopenCase = "pre_reopen_case"
  case postReopenCase = "post_reopen_case"
  case postUpdateCase = "post_update_case"
  case postOpenJoin = "post_open_join"
  case postShutJoin = "post_shut_join"

  /// Whether the name and the caller say all that has changed: closing has no other effect.
  var isPlainClosing: Bool {
    switch self {
    case .postCompleteWorkItem, .postSkipWorkItem, .postCompleteCase: true
    default: false
    }
  }

  /// Whether a row has changed when the event is told.
  var isPost: Bool { rawValue.utf8.starts(with: "post".utf8) }
}
