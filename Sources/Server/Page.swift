import CEmbedded
import HTTPServer

/// The page at `/`: an editor for queries, without anything from elsewhere.
enum Page {
  static let response = HTTPResponse(
    status: 200,
    fields: [
      ("content-type", "text/html; charset=utf-8"),
      // Nothing but what the page itself has.
      (
        "content-security-policy",
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; "
          + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      ),
      ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"),
    ],
    body: ContiguousArray(UnsafeBufferPointer(start: millrace_page.bytes, count: millrace_page.count)))
}
