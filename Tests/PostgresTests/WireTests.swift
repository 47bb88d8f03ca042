import Postgres
import TestSupport
import Testing

@Suite("Values on the wire")
struct WireTests {
  @Test("a UUID reads what it writes")
  func uuid() throws {
    let text = "0190a5d2-7c3e-7abc-8def-0123456789ab"
    let uuid = try #require(UUID128(text))
    #expect(uuid.description == text)
    #expect(UUID128("0190A5D27C3E7ABC8DEF0123456789AB") == uuid)
    #expect(UUID128("nope") == nil)
    #expect(UUID128("0190a5d2-7c3e-7abc-8def-0123456789a") == nil)
  }

  @Test(
    "a moment is written in ISO 8601 and read back",
    arguments: [
      ("2026-11-21T02:58:30.123456+00:00", "2026-11-21T02:58:30.123456+00:00"),
      ("2026-11-21T04:58:30+02:00", "2026-11-21T02:58:30+00:00"), ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59+00:00"),
      ("2024-02-29", "2024-02-29T00:00:00+00:00"), ("2031-05-06T07:08:09", "2031-05-06T07:08:09+00:00"),
    ])
  func timestamp(input: String, output: String) throws {
    #expect(try #require(Timestamp(input)).text == output)
  }

  @Test(
    "what is no moment is refused",
    arguments: ["yesterday", "2026-13-01", "2025-02-29", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00Zx", ""])
  func badTimestamp(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test("every type comes back from the server as it was sent")
  func roundTrip() async throws {
    try await withDatabase { database in
      var parameters = Parameters()
      let uuid = try #require(UUID128("0190a5d2-7c3e-7abc-8def-0123456789ab"))
      let time = try #require(Timestamp("1999-12-31T23:59:59.000001Z"))
      parameters.append(true)
      parameters.append(Int16(-2))
      parameters.append(Int32(-300_000))
      parameters.append(Int64.max)
      parameters.append(-1.5)
      parameters.append("ü'\"\\")
      parameters.append(uuid)
      parameters.append(time)
      parameters.append(date: -1)
      parameters.append(json: #"{"a": [1, null]}"#)
      parameters.append(["x", "", "ü"])
      parameters.append(["x", nil] as [String?])
      parameters.append([uuid])
      parameters.append([Int64(7), -7])
      parameters.append([] as [String])
      parameters.append(nil as String?)
      let rows = try await database.query(
        "select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 12.50::numeric::text", parameters
      )
      #expect(rows.bool(0, 0))
      #expect(rows.int16(0, 1) == -2)
      #expect(rows.int32(0, 2) == -300_000)
      #expect(rows.int64(0, 3) == .max)
      #expect(rows.double(0, 4) == -1.5)
      #expect(rows.text(0, 5) == "ü'\"\\")
      #expect(rows.uuid(0, 6) == uuid)
      #expect(rows.timestamp(0, 7) == time)
      #expect(rows.date(0, 8) == -1)
      #expect(rows.json(0, 9) == #"{"a": [1, null]}"#)
      #expect(rows.textArray(0, 10) == ["x", "", "ü"])
      #expect(rows.textArray(0, 11) == ["x"])
      #expect(rows.uuidArray(0, 12) == [uuid])
      #expect(rows.textArray(0, 14) == [])
      #expect(rows.isNull(0, 15))
      #expect(rows.text(0, 16) == "12.50")
    }
  }

  @Test(
    "a decimal number keeps every digit",
    arguments: [
      "0", "0.00", "12.50", "-12.50", "10000", "100000000.0001", "-0.00012345", "99999999999999999999.999999", "1",
    ])
  func numeric(text: String) async throws {
    try await withDatabase { database in
      var parameters = Parameters()
      parameters.append(numeric: text)
      parameters.append(numerics: [text, "7"])
      let rows = try await database.query("select $1, $1::text, $2::text", parameters)
      #expect(rows.numeric(0, 0) == text)
      #expect(rows.text(0, 1) == text)
      #expect(rows.text(0, 2) == "{\(text),7}")
    }
  }

  @Test("arrays of every type come to the server as they were sent")
  func arrays() async throws {
    try await withDatabase { database in
      var parameters = Parameters()
      parameters.append([Int16(-1), 2])
      parameters.append([Int32(-1), 2])
      parameters.append([1.5, -2])
      parameters.append([true, false])
      parameters.append([try #require(Timestamp("2026-11-21T00:00:00Z"))])
      parameters.append(dates: [0, 1])
      parameters.append(json: ["{}", "[1]"])
      let rows = try await database.query(
        "select $1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text", parameters)
      #expect((0..<7).map { rows.text(0, $0) } == [
          "{-1,2}", "{-1,2}", "{1.5,-2}", "{t,f}", "{\"2026-11-21 00:00:00+00\"}", "{1970-01-01,1970-01-02}",
          "{\"{}\",[1]}",
      ])
    }
  }
}
