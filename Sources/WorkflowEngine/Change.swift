/// A row that was written. The row itself is in the execution's `state`, which already has the change, so that
/// several changes of one row can be stored at once.
public enum Change: Hashable, Sendable {
  case insertCase(EntityID)
  case updateCase(EntityID)
  case insertWorkItem(EntityID)
  case updateWorkItem(EntityID)
}
