import CoreMetrics
import Synchronization

/// Times in seconds, by how long they were.
final class MetricHistogram: TimerHandler, MetricSeries {
  /// Upper bounds of the buckets in seconds; the last one has none.
  static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

  private struct State {
    var buckets = [Int64](repeating: 0, count: MetricHistogram.bounds.count + 1)
    var sum = 0.0
  }

  private let state = Mutex(State())

  func recordNanoseconds(_ duration: Int64) {
    let seconds = Double(duration) / 1e9
    let place = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    state.withLock { state in
      state.buckets[place] += 1
      state.sum += seconds
    }
  }

  func write(_ name: String, _ labels: String, to text: inout String) {
    let state = state.withLock { $0 }
    let prefix = labels.isEmpty ? "" : "\(labels),"
    var count: Int64 = 0
    for (place, amount) in state.buckets.enumerated() {
      count += amount
      let bound = place < Self.bounds.count ? MetricText.number(Self.bounds[place]) : "+Inf"
      text += MetricText.line("\(name)_bucket", "\(prefix)le=\"\(bound)\"", "\(count)")
    }
    text += MetricText.line("\(name)_sum", labels, MetricText.number(state.sum))
    text += MetricText.line("\(name)_count", labels, "\(count)")
  }
}
