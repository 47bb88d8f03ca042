import Postgres
import WorkflowEngine

extension Rows {
  /// The id of a case or work item, from a column of type `uuid` that is not null.
  public func entityID(_ row: Int, _ column: Int) -> EntityID {
    let uuid = uuid(row, column)
    return EntityID(high: uuid.high, low: uuid.low)
  }
}
