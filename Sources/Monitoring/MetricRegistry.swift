import CoreMetrics
import Synchronization

/// Keeps what the process counts and measures, and tells it in the text format of Prometheus, version 0.0.4.
///
/// A factory for `MetricsSystem.bootstrap`: whatever is counted through swift-metrics, by modules too, is here.
/// Counters are told with the ending `_total`, timers in seconds.
public final class MetricRegistry: MetricsFactory, Sendable {
  /// Sets of labels that one metric may have; what comes beyond is counted nowhere, so that labels cannot fill memory.
  static let maximumSeries = 1_000

  private struct Family {
    let kind: MetricKind
    /// By their labels, written out.
    var series: [String: any MetricSeries] = [:]
  }

  private let families = Mutex<[String: Family]>([:])
  private let help: [String: String]

  /// - Parameter help: what metrics mean, by their names.
  public init(help: [String: String] = [:]) {
    self.help = help
  }

  // MARK: Metrics

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label.hasSuffix("_total") ? label : "\(label)_total", dimensions, .counter) { MetricCounter() }
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions, .gauge) { MetricGauge() }
  }

  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    guard aggregate else { return series(label, dimensions, .gauge) { MetricGauge() } }
    return series(label, dimensions, .summary) { MetricSummary() }
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions, .histogram) { MetricHistogram() }
  }

  // Whoever counts the same thing next goes on where the last one was: nothing is given up.
  public func destroyCounter(_ handler: any CounterHandler) {}
  public func destroyMeter(_ handler: any MeterHandler) {}
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  public func destroyTimer(_ handler: any TimerHandler) {}

  private func series<Series: MetricSeries>(
    _ label: String, _ dimensions: [(String, String)], _ kind: MetricKind, _ make: () -> Series
  ) -> Series {
    let name = MetricText.name(label)
    let labels = MetricText.labels(dimensions)
    return families.withLock { families in
      var family = families[name] ?? Family(kind: kind)
      if let known = family.series[labels] as? Series { return known }
      let new = make()
      // One name for metrics of two kinds cannot be told; the first one has it.
      guard family.kind == kind, family.series.count < Self.maximumSeries else { return new }
      family.series[labels] = new
      families[name] = family
      return new
    }
  }

  // MARK: Text

  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// All metrics, in the order of their names.
  public func text() -> String {
    let families = families.withLock { $0 }
    var text = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      if let help = help[name] { text += "# HELP \(name) \(MetricText.help(help))\n" }
      text += "# TYPE \(name) \(family.kind.rawValue)\n"
      for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
        series.write(name, labels, to: &text)
      }
    }
    return text
  }
}

enum MetricKind: String {
  case counter, gauge, summary, histogram
}

/// What one set of labels of a metric has come to.
protocol MetricSeries: Sendable {
  func write(_ name: String, _ labels: String, to text: inout String)
}
