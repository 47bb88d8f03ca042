import HTTPServer
import Postgres
import Synchronization
import TestSupport
import Testing
import Webhooks
import WorkflowEngine
import WorkflowStore

@testable import Millrace

/// What came to an endpoint.
private struct Received: Sendable {
  var path: String
  var id: String
  var timestamp: String
  var signature: String
  var body: String

  init(_ request: HTTPRequest) {
    path = request.path
    id = request.header("webhook-id") ?? ""
    timestamp = request.header("webhook-timestamp") ?? ""
    signature = request.header("webhook-signature") ?? ""
    body = request.withBody { String(decoding: $0, as: UTF8.self) }
  }
}

private final class Inbox: Sendable {
  private let messages = Mutex<[Received]>([])

  /// Answers its number, counting from 1.
  func add(_ message: Received) -> Int {
    messages.withLock {
      $0.append(message)
      return $0.count
    }
  }

  var all: [Received] { messages.withLock { $0 } }
}

@Suite("Webhooks")
struct WebhookTests {
  private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

  private static func with(
    settings: HookSettings = .test, _ answer: @escaping @Sendable (HTTPRequest, Int) -> HTTPResponse?,
    _ body: @escaping @Sendable (OrderFixture, String, Inbox) async throws -> Void
  ) async throws {
    let received = Inbox()
    let server = try await StubServer { request in
      answer(request, received.add(Received(request)))
    }
    try await OrderFixture.with(settings: settings) { fixture in
      try await body(fixture, server.address, received)
    }
    await server.stop()
  }

  private static func save(
    _ fixture: OrderFixture, _ name: String, _ url: String, secrets: [String] = [secret]
  ) async throws -> EntityID {
    var input = HookInput(name: name)
    input.trigger = .given(.event(.postCreateCase))
    input.action = .given(.webhook(url: url, secrets: secrets))
    return try await fixture.service.saveHook(input).id
  }

  private static func status(_ status: Int, _ fields: [(String, String)] = []) -> HTTPResponse {
    HTTPResponse(status: status, fields: fields, body: ContiguousArray("answer".utf8))
  }

  @Test("a message has a stable id, the attempt's time, and a signature of each secret over id, time and body")
  func message() async throws {
    let other = WebhookSecret.generate()
    try await Self.with { _, number in Self.status(number == 1 ? 500 : 204) } _: { fixture, address, received in
      _ = try await Self.save(fixture, "hook", "\(address)/in", secrets: [Self.secret, other])
      try await fixture.withWorker { _ in
        _ = try await fixture.start()
        try await fixture.wait("select count(*) = 1 from hook_deliveries where status = 'delivered'")
      }
      let all = received.all
      #expect(all.count == 2)
      #expect(Set(all.map(\.id)).count == 1)
      let delivery = try await fixture.texts(
        "select id::text from hook_deliveries where response_status = 204 and attempts = 2")
      #expect(all.map(\.id) == delivery + delivery)
      for message in all {
        let time = try #require(Int64(message.timestamp))
        let expected = [Self.secret, other].compactMap {
          WebhookSecret($0)?.signature(id: message.id, timestamp: time, body: Array(message.body.utf8))
        }
        #expect(message.signature == expected.joined(separator: " "))
        #expect(message.body.hasPrefix("{\"type\":\"post_create_case\",\"timestamp\":\"20"))
        #expect(message.body.contains("\"workflow\": \"order\""))
      }
    }
  }

  @Test("the signature is that of the specification's example")
  func example() {
    let secret = WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    let signature = secret?.signature(
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array("{\"test\": 2432232314}".utf8))
    #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
  }

  @Test("only secrets of 24 to 64 bytes in base64 are secrets", arguments: [
    ("whsec_" + String(repeating: "A", count: 32), true), ("whsec_" + String(repeating: "A", count: 28), false),
      ("whsec_" + String(repeating: "A", count: 84) + "AA==", true),
      ("whsec_" + String(repeating: "A", count: 88), false),
    ("secret_" + String(repeating: "A", count: 32), false), ("whsec_" + String(repeating: "!", count: 32), false),
    ("whsec_", false),
  ])
  func secrets(text: String, isSecret: Bool) {
    #expect((WebhookSecret(text) != nil) == isSecret)
    #expect(WebhookSecret(WebhookSecret.generate()) != nil)
  }

  @Test("an endpoint that answers 410 is disabled with the reason, and is sent nothing more")
  func gone() async throws {
    try await Self.with { _, _ in Self.status(410) } _: { fixture, address, received in
      _ = try await Self.save(fixture, "hook", address)
      _ = try await Self.save(fixture, "other path", "\(address)/other")
      try await fixture.withWorker { _ in
        _ = try await fixture.start()
        try await fixture.wait(
          "select count(*) = 2 from hooks where not is_enabled and disabled_reason = 'The endpoint answered 410.'")
        _ = try await fixture.start()
      }
      #expect(received.all.count == 2)
      let found = try await fixture.texts(
        "select status || ' ' || response_status || ' ' || response from hook_deliveries")
      #expect(found == ["dead 410 answer", "dead 410 answer"])
    }
  }

  @Test("redirects are not followed")
  func redirect() async throws {
    try await Self.with { _, _ in Self.status(302, [("location", "/elsewhere")]) } _: { fixture, address, received in
      _ = try await Self.save(fixture, "hook", "\(address)/in")
      try await fixture.withWorker { _ in
        _ = try await fixture.start()
        try await fixture.wait("select count(*) = 1 from hook_deliveries where status = 'dead'")
      }
      #expect(received.all.map(\.path) == ["/in", "/in", "/in"])
      let error = try await fixture.texts("select last_error from hook_deliveries")
      #expect(error == ["The endpoint redirects (302), which webhooks do not follow."])
    }
  }

  @Test("a busy endpoint is left alone for as long as it asks")
  func retryAfter() async throws {
    try await Self.with { _, number in
      number == 1 ? Self.status(429, [("retry-after", "1")]) : Self.status(200)
    } _: { fixture, address, received in
      _ = try await Self.save(fixture, "hook", address)
      try await fixture.withWorker { _ in
        _ = try await fixture.start()
        try await fixture.wait("select count(*) = 1 from hook_deliveries where last_error is not null")
        _ = try await fixture.start()
        try await fixture.wait("select count(*) = 2 from hook_deliveries where status = 'delivered'")
      }
      let pause = try await fixture.database.query(
        "select min(finished_at) - min(created_at) >= interval '1 second' from hook_deliveries").bool(0, 0)
      #expect(pause)
      #expect(received.all.count == 3)
    }
  }

  @Test("an endpoint that hangs takes nothing from another one of the same host, and is let go after the time limit")
  func hanging() async throws {
    var settings = HookSettings.test
    settings.webhooks.timeout = 4_000
    try await Self.with(settings: settings) { request, _ in
      request.path == "/hang" ? nil : Self.status(200)
    } _: { fixture, address, _ in
      _ = try await Self.save(fixture, "hangs", "\(address)/hang")
      _ = try await Self.save(fixture, "works", "\(address)/work")
      try await fixture.withWorker { _ in
        for _ in 0..<30 { _ = try await fixture.start() }
        try await fixture.wait(
          "select count(*) = 30 from hook_deliveries d join hooks h on h.id = d.hook where h.name = 'works' and status = 'delivered'"
        )
        // Not even one of them has been given up by now, and with it made room.
        let hung = try await fixture.count("select count(*) from hook_deliveries where last_error is not null")
        #expect(hung == 0)
        try await fixture.wait(
          "select count(*) > 0 from hook_deliveries where last_error = 'There was no answer in time.'")
      }
    }
  }

  @Test("an endpoint whose every attempt fails is disabled, with the reason")
  func disabled() async throws {
    try await Self.with { _, _ in Self.status(500) } _: { fixture, address, _ in
      _ = try await Self.save(fixture, "hook", address)
      try await fixture.withWorker { _ in
        for _ in 0..<2 { _ = try await fixture.start() }
        try await fixture.wait("select not is_enabled from hooks")
      }
      let reason = try await fixture.texts("select disabled_reason from hooks")
      #expect(reason == ["Every attempt of a delivery failed: The endpoint answered 500."])
    }
  }

  @Test("private addresses are refused when the connection is opened, loopback ones unless a setting lets them through",
    arguments: [
      "http://127.0.0.1:1/", "http://[::1]:1/", "http://10.0.0.1/", "http://169.254.169.254/latest/",
      "http://localhost:1/",
    ])
  func privateAddresses(url: String) async throws {
    var settings = HookSettings.test
    settings.retries = RetrySchedule(milliseconds: [])
    settings.webhooks.allowsLoopback = false
    // There is one attempt: a busy machine must not let it run out.
    settings.lease = 60_000
    try await Self.with(settings: settings) { _, _ in Self.status(200) } _: { fixture, _, _ in
      _ = try await Self.save(fixture, "hook", url)
      try await fixture.withWorker { _ in
        _ = try await fixture.start()
        try await fixture.wait("select count(*) = 1 from hook_deliveries where status = 'dead'")
      }
      let error = try await fixture.texts("select last_error from hook_deliveries")
      #expect(error.first?.hasSuffix("are not allowed.") == true, "\(error)")
    }
  }

  @Test("a worker that stops gives back what it has not finished")
  func stop() async throws {
    try await Self.with { _, _ in nil } _: { fixture, address, received in
      _ = try await Self.save(fixture, "hook", address)
      try await fixture.withWorker(grace: 0) { _ in
        for _ in 0..<3 { _ = try await fixture.start() }
        try await fixture.wait("select count(*) = 3 from hook_deliveries where lease_token is not null")
      }
      let found = try await fixture.texts(
        "select status || ' ' || attempts || ' ' || (lease_token is null) from hook_deliveries")
      #expect(found == Array(repeating: "pending 0 true", count: 3))
    }
  }
}

@Suite("Endpoints of webhooks")
struct WebhookEndpointTests {
  private static let failure = WebhookOutcome.failed(message: "no", status: nil, response: nil, retryAfter: nil)

  @Test("while one request finds out whether an endpoint works again there is nothing to wait for but its end")
  func probing() {
    var endpoint = WebhookEndpoint()
    for _ in 0..<5 {
      endpoint.began(at: 0)
      _ = endpoint.ended(Self.failure, at: 0)
    }
    #expect(endpoint.room(16, at: 999) == 0 && endpoint.wait(at: 999) == 1)
    #expect(endpoint.room(16, at: 1_000) == 1)
    endpoint.began(at: 1_000)
    #expect(endpoint.room(16, at: 1_001) == 0 && endpoint.wait(at: 1_001) == nil)
    _ = endpoint.ended(Self.failure, at: 2_000)
    #expect(endpoint.wait(at: 2_000) == 2_000)
  }

  @Test("an endpoint that asks to be left alone is, and works all the same")
  func asked() {
    var endpoint = WebhookEndpoint()
    endpoint.began(at: 0)
    let busy = WebhookOutcome.failed(message: "busy", status: 429, response: "", retryAfter: 5_000)
    let works = endpoint.ended(busy, at: 0)
    #expect(works)
    #expect(endpoint.room(16, at: 4_999) == 0 && endpoint.wait(at: 4_999) == 1)
    #expect(endpoint.room(16, at: 5_000) == 16 && endpoint.wait(at: 5_000) == nil)
  }
}

@Suite("Circuit breaker and retry schedule")
struct CircuitBreakerTests {
  @Test("it opens after failures in a row, is tried with one request, and closes when that succeeds")
  func opening() {
    var breaker = CircuitBreaker(threshold: 3, pause: 100, maximumPause: 250)
    breaker.failed(at: 0)
    breaker.failed(at: 0)
    breaker.succeeded()
    for _ in 0..<3 { breaker.failed(at: 10) }
    #expect(breaker.allowed(8, at: 20) == 0)
    #expect(breaker.wait(at: 20) == 90)
    #expect(breaker.allowed(8, at: 110) == 1)
    breaker.began(at: 110)
    #expect(breaker.allowed(8, at: 111) == 0)
    breaker.succeeded()
    #expect(breaker.allowed(8, at: 112) == 8 && breaker.isClosed)
  }

  @Test("each opening in a row doubles the pause, up to a limit")
  func pauses() {
    var breaker = CircuitBreaker(threshold: 1, pause: 100, maximumPause: 250)
    var now: UInt64 = 0
    var pauses: [UInt64?] = []
    for _ in 0..<4 {
      breaker.began(at: now)
      breaker.failed(at: now)
      pauses.append(breaker.wait(at: now))
      now += breaker.wait(at: now) ?? 0
    }
    #expect(pauses == [100, 200, 250, 250])
  }

  @Test("the schedule ends, and its pauses vary by a tenth")
  func schedule() {
    let schedule = RetrySchedule(milliseconds: [100, 1_000])
    #expect(schedule.pause(after: 1, jitter: 0) == 90)
    #expect(schedule.pause(after: 1, jitter: 1) == 110)
    #expect(schedule.pause(after: 2, jitter: 0.5) == 1_000)
    #expect(schedule.pause(after: 3) == nil)
    let total = RetrySchedule.standard.pauses.reduce(0, +) / 3_600_000
    #expect(total == 75)
  }
}
