import GraphQL
import Postgres

/// A batch whose rows can be parents of further steps.
class KeyedBatch: RowBatch {
  func uuidKey(row: Int, slot: Int) -> UUID128? { nil }
  func textKey(row: Int, slot: Int) -> String? { nil }
}

/// Rows of one statement. The first column tells the parent, then come the columns of the step's properties,
/// and last the type column where it is needed.
class EntityBatch: KeyedBatch {
  let rows: Rows
  private let columns: [Column]
  /// From values of the type column to types.
  private let types: [(value: String, type: TypeID)]

  init(
    rows: Rows, columns: [Column], types: [(value: String, type: TypeID)], starts: ContiguousArray<Int32>,
    ends: ContiguousArray<Int32>, pages: ContiguousArray<PageSlice>
  ) {
    self.rows = rows
    self.columns = columns
    self.types = types
    super.init(rowCount: rows.count, starts: starts, ends: ends, pages: pages)
  }

  /// The rows of a single parent.
  convenience init(rows: Rows, columns: [Column], types: [(value: String, type: TypeID)] = []) {
    self.init(rows: rows, columns: columns, types: types, starts: [0], ends: [Int32(rows.count)], pages: [])
  }

  override func uuidKey(row: Int, slot: Int) -> UUID128? {
    rows.isNull(row, slot + 1) ? nil : rows.uuid(row, slot + 1)
  }

  override func textKey(row: Int, slot: Int) -> String? {
    rows.isNull(row, slot + 1) ? nil : rows.text(row, slot + 1)
  }

  override func concreteType(ofRow row: Int) -> TypeID? {
    let value = rows.text(row, columns.count + 1)
    return types.first { $0.value == value }?.type
  }

  override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
    let place = slot + 1
    if rows.isNull(row, place) { return .null }
    switch columns[slot].kind {
    case .text, .localized:
      output.appendString(rows.bytes(row, place).bindMemory(to: UInt8.self))
    case .enumeration:
      output.appendByte(UInt8(ascii: "\""))
      for byte in rows.bytes(row, place) {
        output.appendByte(byte &- UInt8(ascii: "a") < 26 ? byte & 0xDF : byte)
      }
      output.appendByte(UInt8(ascii: "\""))
    case .boolean:
      output.append(rows.bool(row, place))
    case .integer:
      output.append(Int64(rows.int32(row, place)))
    case .timestamp:
      output.appendByte(UInt8(ascii: "\""))
      rows.timestamp(row, place).write { output.appendByte($0) }
      output.appendByte(UInt8(ascii: "\""))
    case .json:
      output.append(rows.jsonb(row, place).bindMemory(to: UInt8.self))
    case .textArray:
      output.appendByte(UInt8(ascii: "["))
      var isFirst = true
      rows.forEachElement(row, place) { bytes in
        if !isFirst { output.appendByte(UInt8(ascii: ",")) }
        isFirst = false
        if let bytes { output.appendString(bytes.bindMemory(to: UInt8.self)) } else { output.appendNull() }
      }
      output.appendByte(UInt8(ascii: "]"))
    case .globalID(let type):
      GlobalID.write(type: type, uuid: rows.uuid(row, place), into: output)
    case .encodedID:
      output.appendByte(UInt8(ascii: "\""))
      Base64.encode(rows.bytes(row, place)) { output.appendByte($0) }
      output.appendByte(UInt8(ascii: "\""))
    case .uuid:
      output.appendByte(UInt8(ascii: "\""))
      rows.uuid(row, place).write { output.appendByte($0) }
      output.appendByte(UInt8(ascii: "\""))
    }
    return .written
  }
}

/// Rows that are values already: payloads of mutations.
final class ValueBatch: KeyedBatch {
  enum Cell {
    case null
    case text(String)
    case texts([String])
    case uuid(UUID128)
    case value(Value)
    /// Rows of a step below, which are there already; no value of their own.
    case rows([[Cell]])
  }

  private let cells: [[Cell]]

  /// - Parameter cells: per row, in the order of the step's slots. One parent has them all.
  init(_ cells: [[Cell]]) {
    self.cells = cells
    super.init(rowCount: cells.count, starts: [0], ends: [Int32(cells.count)])
  }

  /// - Parameter page: where the rows stand in the list that they are a part of.
  init(_ cells: [[Cell]], page: PageSlice) {
    self.cells = cells
    super.init(rowCount: cells.count, starts: [0], ends: [Int32(cells.count)], pages: [page])
  }

  override func uuidKey(row: Int, slot: Int) -> UUID128? {
    if case .uuid(let key) = cells[row][slot] { key } else { nil }
  }

  override func textKey(row: Int, slot: Int) -> String? {
    if case .text(let key) = cells[row][slot] { key } else { nil }
  }

  /// The rows that a cell has for a step below.
  func rows(row: Int, slot: Int) -> [[Cell]] {
    if case .rows(let rows) = cells[row][slot] { rows } else { [] }
  }

  override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
    switch cells[row][slot] {
    case .null, .rows: return .null
    case .text(let text): output.appendString(text)
    case .texts(let texts):
      output.appendByte(UInt8(ascii: "["))
      for (number, text) in texts.enumerated() {
        if number > 0 { output.appendByte(UInt8(ascii: ",")) }
        output.appendString(text)
      }
      output.appendByte(UInt8(ascii: "]"))
    case .uuid(let uuid): output.appendString(uuid.description)
    case .value(let value): output.append(value)
    }
    return .written
  }
}
