import EventLoop
import Glibc

/// A sentence on standard error.
func tell(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}

struct LoadFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Sends requests over several connections at once and takes the time of each.
final class LoadClient: @unchecked Sendable {  // confined to its loop's thread
  let loop: EventLoop
  /// Where responses are read into; lives as long as the process.
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private let requests: [[UInt8]]
  /// When to stop, in nanoseconds; nil to send every request once.
  private let seconds: Double?
  private let wanted: [UInt8]
  private var position = 0
  private var open = 0
  private var began: UInt64 = 0
  private var end: UInt64 = 0
  private var latencies: [UInt64] = []
  private var refused = 0
  private var connections: [LoadConnection] = []
  private(set) var failure: LoadFailure?

  /// - Parameters:
  ///   - requests: whole requests, sent in turn.
  ///   - seconds: how long to repeat them; nil to send each once.
  ///   - wanted: what every response has to contain.
  init(loop: EventLoop, requests: [[UInt8]], seconds: Double?, wanted: String) {
    self.loop = loop
    self.requests = requests
    self.seconds = seconds
    self.wanted = Array(wanted.utf8)
  }

  func start(port: UInt16, connections count: Int) {
    do {
      for _ in 0..<count { connections.append(try LoadConnection(port: port, client: self)) }
    } catch {
      return fail("\(error)")
    }
    open = count
    began = Self.now()
    for connection in connections { connection.begin() }
  }

  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  // MARK: Called by connections

  func next() -> [UInt8]? {
    if let seconds {
      guard Double(Self.now() - began) < seconds * 1e9 else { return nil }
      position += 1
      return requests[position % requests.count]
    }
    guard position < requests.count else { return nil }
    position += 1
    return requests[position - 1]
  }

  func finished(after latency: UInt64, _ response: [UInt8]) {
    latencies.append(latency)
    if !contains(response) {
      refused += 1
      if refused == 1 { log(String(decoding: response.prefix(2_000), as: UTF8.self)) }
    }
  }

  func ended() {
    open -= 1
    guard open == 0 else { return }
    end = Self.now()
    loop.stop()
  }

  func fail(_ text: String) {
    failure = failure ?? LoadFailure(text)
    loop.stop()
  }

  private func contains(_ response: [UInt8]) -> Bool {
    wanted.isEmpty || response.firstRange(of: wanted) != nil
  }

  private func log(_ text: String) {
    tell("An answer is not as wanted:\n\(text)")
  }

  /// Whether every answer was as wanted.
  var isSound: Bool { refused == 0 }

  /// Requests, seconds, refusals and percentiles as one line of JSON.
  var report: String {
    let sorted = latencies.sorted()
    func percentile(_ part: Int) -> Double {
      sorted.isEmpty ? 0 : Double(sorted[min(sorted.count - 1, sorted.count * part / 100)]) / 1e6
    }
    let seconds = Double(end - began) / 1e9
    return """
      {"requests": \(latencies.count), "seconds": \(seconds), "refused": \(refused), \
      "p50": \(percentile(50)), "p99": \(percentile(99))}
      """
  }
}
