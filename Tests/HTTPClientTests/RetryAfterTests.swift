import Testing

@testable import HTTPClient

@Suite("Retry-After")
struct RetryAfterTests {
  @Test(
    "a number of seconds and a date in each of HTTP's formats are understood; what has passed and what is neither count for nothing",
    arguments: [
      ("120", 120), ("0", nil), ("-5", nil), ("soon", nil), ("", nil), (nil, nil),
      ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sunday, 06-Nov-94 08:49:37 GMT", 37), ("Sun Nov  6 08:49:37 1994", 37),
      ("Sun, 06 Nov 1994 08:48:00 GMT", nil),
    ] as [(String?, Int64?)])
  func seconds(value: String?, expected: Int64?) {
    let response = HTTPClientResponse(
      status: 503, headers: value.map { [("retry-after", $0)] } ?? [], body: [], isTruncated: false)
    // 6 November 1994, 08:49:00.
    #expect(response.retryAfter(now: 784_111_740) == expected)
  }
}
