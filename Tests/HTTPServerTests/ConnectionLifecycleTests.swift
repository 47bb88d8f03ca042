@testable import HTTPServer
import Testing

@Suite("The life of a connection")
struct ConnectionLifecycleTests {
  @Test("the last answer ends it, not the request")
  func lastAnswer() {
    var life = ConnectionLifecycle()
    life.opened(at: 0)
    #expect(life.acceptsRequests)
    let isLast = life.requestArrived(keepsAlive: false, at: 1)
    #expect(isLast)
    #expect(!life.acceptsRequests)
    #expect(!life.closesWhenWritten)
    life.lastAnswerWritten()
    #expect(life.closesWhenWritten)
  }

  @Test("the clock of a header starts with its first byte and does not start again")
  func headerClock() {
    var life = ConnectionLifecycle()
    var limits = HTTPServerConfiguration()
    limits.headerTimeout = 100
    life.opened(at: 0)
    life.progress(inHeader: true, inBody: false, at: 10)
    life.progress(inHeader: true, inBody: false, at: 90)
    #expect(life.expired(at: 100, isWaiting: false, limits) == .nothing)
    #expect(life.expired(at: 111, isWaiting: false, limits) == .requestTimeout)
  }

  @Test("a client that only stopped sending is not hung up on")
  func halfClosed() {
    var life = ConnectionLifecycle()
    let endsWhileWaiting = life.peerEnded(isWaiting: true)
    #expect(!endsWhileWaiting)
    #expect(life.closesWhenWritten)
    var idle = ConnectionLifecycle()
    let endsWhenIdle = idle.peerEnded(isWaiting: false)
    #expect(endsWhenIdle)
  }

  @Test("bytes between requests do not keep a connection open")
  func lineEndsOnly() {
    var life = ConnectionLifecycle()
    var limits = HTTPServerConfiguration()
    limits.idleTimeout = 100
    life.opened(at: 0)
    life.progress(inHeader: false, inBody: false, at: 90)
    #expect(life.expired(at: 101, isWaiting: false, limits) == .close)
  }

  @Test("a client that reads slowly is given time as long as it reads")
  func slowReader() {
    var life = ConnectionLifecycle()
    var limits = HTTPServerConfiguration()
    limits.writeTimeout = 100
    life.wrote(remaining: 1_000, at: 0)
    life.wrote(remaining: 900, at: 90)
    #expect(life.expired(at: 150, isWaiting: true, limits) == .nothing)
    life.wrote(remaining: 900, at: 180)
    #expect(life.expired(at: 191, isWaiting: true, limits) == .close)
  }

  @Test("a request that is refused before its end makes the connection linger, unless the client has ended")
  func lingers() {
    var life = ConnectionLifecycle()
    var limits = HTTPServerConfiguration()
    limits.lingerTimeout = 100
    life.requestFailed()
    life.lastAnswerWritten()
    var ended = life
    _ = ended.peerEnded(isWaiting: true)
    #expect(life.allWritten(at: 10) == .linger)
    #expect(ended.allWritten(at: 10) == .close)
    #expect(life.expired(at: 110, isWaiting: false, limits) == .nothing)
    #expect(life.expired(at: 111, isWaiting: false, limits) == .close)
  }

  @Test("the clock of a body stands still while nothing is read")
  func heldBody() {
    var life = ConnectionLifecycle()
    var limits = HTTPServerConfiguration()
    limits.bodyTimeout = 100
    life.progress(inHeader: false, inBody: true, at: 0)
    life.resumedReading(at: 90)
    #expect(life.expired(at: 150, isWaiting: false, limits) == .nothing)
    #expect(life.expired(at: 191, isWaiting: false, limits) == .requestTimeout)
  }
}

@Suite("The life of a connection with a stream or another protocol")
struct StreamLifecycleTests {
  @Test("a client that ends during a stream ends the connection; after it, it only stopped sending")
  func streaming() {
    var life = ConnectionLifecycle()
    life.streamBegan()
    var left = life
    let leaves = left.peerEnded(isWaiting: true)
    #expect(leaves)
    life.streamEnded()
    let stays = !life.peerEnded(isWaiting: true)
    #expect(stays)
  }

  @Test("another protocol's connection takes no requests, is never idle, and ends with its peer")
  func upgraded() {
    var life = ConnectionLifecycle()
    var limits = HTTPServerConfiguration()
    limits.idleTimeout = 10
    limits.writeTimeout = 100
    life.opened(at: 0)
    life.upgraded()
    #expect(life.isUpgraded && !life.acceptsRequests)
    #expect(life.expired(at: 1_000, isWaiting: false, limits) == .nothing)
    life.wrote(remaining: 5, at: 1_000)
    #expect(life.expired(at: 1_101, isWaiting: false, limits) == .close)
    let ends = life.peerEnded(isWaiting: true)
    #expect(ends)
  }

  @Test("another protocol that closes lingers, so that its last bytes arrive")
  func upgradedCloses() {
    var life = ConnectionLifecycle()
    life.upgraded()
    life.lastAnswerWritten()
    life.leftBytesUnread()
    #expect(life.closesWhenWritten && !life.isUpgraded)
    #expect(life.allWritten(at: 1) == .linger)
  }

  @Test("the clock of a body in parts starts again with every stretch, not with every byte")
  func streamedBody() {
    var life = ConnectionLifecycle()
    var limits = HTTPServerConfiguration()
    limits.bodyTimeout = 100
    life.progress(inHeader: false, inBody: true, streamed: 1, at: 0)
    life.progress(inHeader: false, inBody: true, streamed: 2, at: 90)
    #expect(life.expired(at: 101, isWaiting: false, limits) == .requestTimeout)
    life.progress(inHeader: false, inBody: true, streamed: 65_600, at: 95)
    #expect(life.expired(at: 101, isWaiting: false, limits) == .nothing)
    #expect(life.expired(at: 196, isWaiting: false, limits) == .requestTimeout)
  }

  @Test("a writer waits from the high mark down to the low one")
  func waterMarks() {
    var marks = WaterMarks(high: 100, low: 20)
    var wakes = [99, 100, 50, 21, 20, 19, 100, 0].map { marks.changed(to: $0) }
    #expect(wakes == [false, false, false, false, true, false, false, true])
    wakes = [100].map { marks.changed(to: $0) }
    #expect(wakes == [false] && marks.isFull)
  }
}
