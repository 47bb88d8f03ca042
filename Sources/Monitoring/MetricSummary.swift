import CoreMetrics
import Synchronization

/// How many numbers there were, and what they come to together.
final class MetricSummary: RecorderHandler, MetricSeries {
  private let state = Mutex<(count: Int64, sum: Double)>((0, 0))

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    state.withLock { state in
      state.count += 1
      state.sum += value
    }
  }

  func write(_ name: String, _ labels: String, to text: inout String) {
    let state = state.withLock { $0 }
    text += MetricText.line("\(name)_sum", labels, MetricText.number(state.sum))
    text += MetricText.line("\(name)_count", labels, "\(state.count)")
  }
}
