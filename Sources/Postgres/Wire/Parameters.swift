/// Parameters of one statement in Postgres's binary format, in one buffer.
public struct Parameters: Sendable {
  var types: ContiguousArray<UInt32> = []
  /// Start of each value in `bytes`; -1 for NULL.
  var starts: ContiguousArray<Int32> = []
  var lengths: ContiguousArray<Int32> = []
  var bytes: ContiguousArray<UInt8> = []

  public init() {}

  public var count: Int { types.count }

  private mutating func add(_ type: TypeOID, _ write: (inout ContiguousArray<UInt8>) -> Void) {
    types.append(type.rawValue)
    let start = bytes.count
    starts.append(Int32(start))
    write(&bytes)
    lengths.append(Int32(bytes.count - start))
  }

  public mutating func appendNull(_ type: TypeOID) {
    types.append(type.rawValue)
    starts.append(-1)
    lengths.append(0)
  }

  public mutating func append(_ value: Bool?) {
    guard let value else { return appendNull(.bool) }
    add(.bool) { $0.append(value ? 1 : 0) }
  }

  public mutating func append(_ value: Int16?) {
    guard let value else { return appendNull(.int2) }
    add(.int2) { $0.append(bigEndian: value) }
  }

  public mutating func append(_ value: Int32?) {
    guard let value else { return appendNull(.int4) }
    add(.int4) { $0.append(bigEndian: value) }
  }

  public mutating func append(_ value: Int64?) {
    guard let value else { return appendNull(.int8) }
    add(.int8) { $0.append(bigEndian: value) }
  }

  public mutating func append(_ value: Double?) {
    guard let value else { return appendNull(.float8) }
    add(.float8) { $0.append(bigEndian: value.bitPattern) }
  }

  public mutating func append(_ value: String?) {
    guard let value else { return appendNull(.text) }
    add(.text) { $0.append(contentsOf: value.utf8) }
  }

  public mutating func append(bytes value: ContiguousArray<UInt8>?) {
    guard let value else { return appendNull(.bytea) }
    add(.bytea) { $0.append(contentsOf: value) }
  }

  /// JSON text as `jsonb`.
  public mutating func append(json value: String?) {
    guard let value else { return appendNull(.jsonb) }
    add(.jsonb) {
      $0.append(1)
      $0.append(contentsOf: value.utf8)
    }
  }

  public mutating func append(_ value: UUID128?) {
    guard let value else { return appendNull(.uuid) }
    add(.uuid) { $0.append(value) }
  }

  public mutating func append(_ value: Timestamp?) {
    guard let value else { return appendNull(.timestamptz) }
    add(.timestamptz) { $0.append(bigEndian: value.microseconds - Timestamp.postgresEpoch) }
  }

  /// A day, in days since 1970-01-01.
  public mutating func append(date days: Int32?) {
    guard let days else { return appendNull(.date) }
    add(.date) { $0.append(bigEndian: days - 10_957) }
  }

  /// An exact decimal number, as in `-12.50`.
  ///
  /// - Precondition: the text is such a number.
  public mutating func append(numeric text: String?) {
    guard let text else { return appendNull(.numeric) }
    guard let value = Numeric.bytes(text) else { preconditionFailure("\(text) is no decimal number.") }
    add(.numeric) { $0.append(contentsOf: value) }
  }

  // MARK: Arrays

  public mutating func append(_ values: [String]) {
    addArray(.textArray, .text, values.map(\.self)) { $0.append(contentsOf: $1.utf8) }
  }

  public mutating func append(_ values: [String?]) {
    addArray(.textArray, .text, values) { $0.append(contentsOf: $1.utf8) }
  }

  public mutating func append(_ values: [UUID128]) {
    addArray(.uuidArray, .uuid, values) { $0.append($1) }
  }

  public mutating func append(_ values: [Int16]) {
    addArray(.int2Array, .int2, values) { $0.append(bigEndian: $1) }
  }

  public mutating func append(_ values: [Int32]) {
    addArray(.int4Array, .int4, values) { $0.append(bigEndian: $1) }
  }

  public mutating func append(_ values: [Int64]) {
    addArray(.int8Array, .int8, values) { $0.append(bigEndian: $1) }
  }

  public mutating func append(_ values: [Double]) {
    addArray(.float8Array, .float8, values) { $0.append(bigEndian: $1.bitPattern) }
  }

  public mutating func append(_ values: [Bool]) {
    addArray(.boolArray, .bool, values) { $0.append($1 ? 1 : 0) }
  }

  public mutating func append(_ values: [Timestamp]) {
    addArray(.timestamptzArray, .timestamptz, values) {
      $0.append(bigEndian: $1.microseconds - Timestamp.postgresEpoch)
    }
  }

  /// Days since 1970-01-01.
  public mutating func append(dates values: [Int32]) {
    addArray(.dateArray, .date, values) { $0.append(bigEndian: $1 - 10_957) }
  }

  public mutating func append(json values: [String]) {
    addArray(.jsonbArray, .jsonb, values) {
      $0.append(1)
      $0.append(contentsOf: $1.utf8)
    }
  }

  /// - Precondition: as for a single number.
  public mutating func append(numerics values: [String]) {
    addArray(.numericArray, .numeric, values) {
      guard let value = Numeric.bytes($1) else { preconditionFailure("\($1) is no decimal number.") }
      $0.append(contentsOf: value)
    }
  }

  /// Source: Postgres `array_recv`: dimensions, a flag for nulls, the element type, and per dimension its length
  /// and lower bound.
  private mutating func addArray<Element>(
    _ type: TypeOID, _ element: TypeOID, _ values: [Element?],
    _ write: (inout ContiguousArray<UInt8>, Element) -> Void
  ) {
    add(type) { bytes in
      bytes.append(bigEndian: Int32(values.isEmpty ? 0 : 1))
      bytes.append(bigEndian: Int32(values.contains { $0 == nil } ? 1 : 0))
      bytes.append(bigEndian: element.rawValue)
      guard !values.isEmpty else { return }
      bytes.append(bigEndian: Int32(values.count))
      bytes.append(bigEndian: Int32(1))
      for value in values {
        guard let value else {
          bytes.append(bigEndian: Int32(-1))
          continue
        }
        // The length stands in front of what is only then known.
        let place = bytes.count
        bytes.append(bigEndian: Int32(0))
        write(&bytes, value)
        let length = UInt32(bytes.count - place - 4)
        for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
      }
    }
  }
}

extension ContiguousArray<UInt8> {
  mutating func append<Integer: FixedWidthInteger>(bigEndian value: Integer) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  mutating func append(_ value: UUID128) {
    append(bigEndian: value.high)
    append(bigEndian: value.low)
  }
}
