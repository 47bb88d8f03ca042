import CLibpq

/// The rows of one result, read in place. Rows and columns count from 0; reading a value as another type than
/// the column's is a programming error that traps.
public final class Rows: @unchecked Sendable {  // libpq results never change once received
  private let result: OpaquePointer
  public let count: Int
  public let columnCount: Int

  /// Takes over the result.
  init(_ result: OpaquePointer) {
    self.result = result
    count = Int(PQntuples(result))
    columnCount = Int(PQnfields(result))
  }

  deinit {
    PQclear(result)
  }

  /// How many rows an insert, update or delete touched.
  public var affectedRows: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

  /// For example `COMMIT`.
  public var commandTag: String { String(cString: PQcmdStatus(result)) }

  public func columnName(_ column: Int) -> String {
    PQfname(result, Int32(column)).map { String(cString: $0) } ?? ""
  }

  public func isNull(_ row: Int, _ column: Int) -> Bool {
    PQgetisnull(result, Int32(row), Int32(column)) == 1
  }

  /// The value's bytes in the binary format, valid as long as the rows are.
  public func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: PQgetvalue(result, Int32(row), Int32(column)),
      count: Int(PQgetlength(result, Int32(row), Int32(column))))
  }

  /// The text of a `jsonb` value.
  public func jsonb(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes(row, column).dropFirst())
  }

  private func integer<Integer: FixedWidthInteger>(_ row: Int, _ column: Int) -> Integer {
    let bytes = bytes(row, column)
    precondition(bytes.count == MemoryLayout<Integer>.size, "The column is of another type.")
    return Integer(bigEndian: bytes.loadUnaligned(as: Integer.self))
  }

  public func bool(_ row: Int, _ column: Int) -> Bool { bytes(row, column)[0] != 0 }
  public func int16(_ row: Int, _ column: Int) -> Int16 { integer(row, column) }
  public func int32(_ row: Int, _ column: Int) -> Int32 { integer(row, column) }
  public func int64(_ row: Int, _ column: Int) -> Int64 { integer(row, column) }
  public func double(_ row: Int, _ column: Int) -> Double { Double(bitPattern: integer(row, column)) }

  /// An exact decimal number as text, as in `-12.50`.
  public func numeric(_ row: Int, _ column: Int) -> String { Numeric.text(bytes(row, column)) }

  public func text(_ row: Int, _ column: Int) -> String {
    String(decoding: bytes(row, column), as: UTF8.self)
  }

  public func json(_ row: Int, _ column: Int) -> String {
    String(decoding: jsonb(row, column), as: UTF8.self)
  }

  public func uuid(_ row: Int, _ column: Int) -> UUID128 {
    let bytes = bytes(row, column)
    precondition(bytes.count == 16, "The column is of another type.")
    return UUID128(bytes)
  }

  public func timestamp(_ row: Int, _ column: Int) -> Timestamp {
    Timestamp(microseconds: int64(row, column) + Timestamp.postgresEpoch)
  }

  /// Days since 1970-01-01.
  public func date(_ row: Int, _ column: Int) -> Int32 { int32(row, column) + 10_957 }

  public func optional<Value>(_ row: Int, _ column: Int, _ read: (Rows) -> (Int, Int) -> Value) -> Value? {
    isNull(row, column) ? nil : read(self)(row, column)
  }

  /// Calls `body` with each element of a one-dimensional array; nil for NULL.
  public func forEachElement(_ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer?) -> Void) {
    let bytes = bytes(row, column)
    func int(_ offset: Int) -> Int {
      Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
    }
    guard bytes.count >= 20, int(0) == 1 else { return }
    var offset = 20
    for _ in 0..<int(12) {
      let length = int(offset)
      offset += 4
      if length < 0 {
        body(nil)
      } else {
        body(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
        offset += length
      }
    }
  }

  /// Elements of a `text[]`; NULLs are left out.
  public func textArray(_ row: Int, _ column: Int) -> [String] {
    var values: [String] = []
    forEachElement(row, column) { bytes in
      if let bytes { values.append(String(decoding: bytes, as: UTF8.self)) }
    }
    return values
  }

  /// Elements of a `bigint[]`; NULLs are left out.
  public func int64Array(_ row: Int, _ column: Int) -> [Int64] {
    var values: [Int64] = []
    forEachElement(row, column) { bytes in
      if let bytes, bytes.count == 8 { values.append(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))) }
    }
    return values
  }

  public func uuidArray(_ row: Int, _ column: Int) -> [UUID128] {
    var values: [UUID128] = []
    forEachElement(row, column) { bytes in
      if let bytes { values.append(UUID128(bytes)) }
    }
    return values
  }
}
