/// The rows that one step of a plan delivered, for all parents of the step at once.
///
/// Rows stay where their source has them (a database result, an array): a batch only says which rows belong to
/// which parent and writes a single leaf when asked. Several parents may share a row.
open class RowBatch {
  /// Start and end of a list that is null, which is not the same as empty.
  public static let nullList: Int32 = -1

  /// Rows of parent `p` are `starts[p] ..< ends[p]`. A root step has one parent.
  public let starts: ContiguousArray<Int32>
  public let ends: ContiguousArray<Int32>
  /// What a connection step knows of each parent's list; empty for other steps.
  public let pages: ContiguousArray<PageSlice>
  /// How many rows the batch has; row numbers are below it.
  public let rowCount: Int

  public init(
    rowCount: Int, starts: ContiguousArray<Int32>, ends: ContiguousArray<Int32>,
    pages: ContiguousArray<PageSlice> = []
  ) {
    self.rowCount = rowCount
    self.starts = starts
    self.ends = ends
    self.pages = pages
  }

  /// The rows of one parent.
  @inlinable
  public final func rows(ofParent parent: Int) -> Range<Int> {
    Int(starts[parent])..<Int(ends[parent])
  }

  /// The rows of one parent's list; nil for a list that is null.
  @inlinable
  public final func list(ofParent parent: Int) -> Range<Int>? {
    starts[parent] == Self.nullList ? nil : rows(ofParent: parent)
  }

  /// Writes the leaf in `slot` of `row` as JSON.
  open func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
    .null
  }

  /// The number that a connection's cursors give a row, when it is not its place in the whole list.
  open func position(ofRow row: Int) -> Int? {
    nil
  }

  /// The concrete type of a row, for a field whose type is an interface or a union.
  open func concreteType(ofRow row: Int) -> TypeID? {
    nil
  }
}

/// How the writing of a leaf went.
public enum LeafResult {
  /// The value's JSON is in the buffer.
  case written
  /// There is no value; nothing was written.
  case null
  /// The value could not be had; nothing was written that counts.
  case failed(GraphQLError)
}

/// Where the rows of one parent stand in the whole of that parent's list.
public struct PageSlice: Sendable {
  /// Number of the first delivered row, counted from 0 in the whole list.
  public var offset: Int
  public var hasNextPage: Bool
  /// Length of the whole list; present when the plan asked for it.
  public var totalCount: Int?

  public init(offset: Int, hasNextPage: Bool, totalCount: Int?) {
    self.offset = offset
    self.hasNextPage = hasNextPage
    self.totalCount = totalCount
  }
}
