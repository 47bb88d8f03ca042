import CoreMetrics
import Monitoring
import Testing

@Suite("Metrics as text")
struct MetricRegistryTests {
  @Test("a counter grows, whoever makes it again, and ends in _total; its labels are escaped")
  func counters() {
    let registry = MetricRegistry(help: ["failures_total": "What failed,\nin one line."])
    registry.makeCounter(label: "failures", dimensions: [("hook", "a\"b\\c\nd")]).increment(by: 2)
    registry.makeCounter(label: "failures", dimensions: [("hook", "a\"b\\c\nd")]).increment(by: 1)
    registry.makeCounter(label: "failures_total", dimensions: []).increment(by: 5)
    #expect(
      registry.text() == """
        # HELP failures_total What failed, in one line.
        # TYPE failures_total counter
        failures_total 5
        failures_total{hook="a\\"b\\\\c\\nd"} 3

        """)
  }

  @Test("a gauge is what it was set to last; names are made ones that Prometheus takes")
  func gauges() {
    let registry = MetricRegistry()
    registry.makeMeter(label: "9lives.left", dimensions: []).set(Int64(7))
    registry.makeMeter(label: "up", dimensions: []).set(0.5)
    registry.makeMeter(label: "up", dimensions: []).set(Double.nan)
    #expect(registry.text() == "# TYPE _lives_left gauge\n_lives_left 7\n# TYPE up gauge\nup NaN\n")
  }

  @Test("a timer's buckets hold all that is not longer, and the last one holds everything")
  func timers() throws {
    let registry = MetricRegistry()
    let timer = registry.makeTimer(label: "wait_seconds", dimensions: [("to", "x")])
    for milliseconds in [1, 80, 60_000] { timer.recordNanoseconds(Int64(milliseconds) * 1_000_000) }
    let lines = registry.text().split(separator: "\n").map(String.init)
    #expect(lines.first == "# TYPE wait_seconds histogram")
    #expect(lines.contains("wait_seconds_bucket{to=\"x\",le=\"0.001\"} 1"))
    #expect(lines.contains("wait_seconds_bucket{to=\"x\",le=\"0.05\"} 1"))
    #expect(lines.contains("wait_seconds_bucket{to=\"x\",le=\"0.1\"} 2"))
    #expect(lines.contains("wait_seconds_bucket{to=\"x\",le=\"30\"} 2"))
    #expect(lines.contains("wait_seconds_bucket{to=\"x\",le=\"+Inf\"} 3"))
    #expect(lines.contains("wait_seconds_sum{to=\"x\"} 60.081"))
    #expect(lines.contains("wait_seconds_count{to=\"x\"} 3"))
  }

  @Test("a recorder that gathers tells how many and how much, another one the last number")
  func recorders() {
    let registry = MetricRegistry()
    let gathering = registry.makeRecorder(label: "rows", dimensions: [], aggregate: true)
    gathering.record(Int64(3))
    gathering.record(4.5)
    let last = registry.makeRecorder(label: "depth", dimensions: [], aggregate: false)
    last.record(Int64(3))
    last.record(Int64(2))
    #expect(registry.text() == "# TYPE depth gauge\ndepth 2\n# TYPE rows summary\nrows_sum 7.5\nrows_count 2\n")
  }

  @Test("labels cannot fill memory, and a name has one kind")
  func bounds() {
    let registry = MetricRegistry()
    for number in 0..<2_000 { registry.makeCounter(label: "c", dimensions: [("n", "\(number)")]).increment(by: 1) }
    registry.makeMeter(label: "c_total", dimensions: []).set(Int64(1))
    #expect(registry.text().split(separator: "\n").count == 1_001)
  }
}
