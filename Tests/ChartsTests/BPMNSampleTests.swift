import Charts
import Foundation
import Testing

/// What `make bpmn` holds to the OMG's schema.
@Suite("Documents for the schema of BPMN")
struct BPMNSampleTests {
  static let folder = ProcessInfo.processInfo.environment["MILLRACE_BPMN_SAMPLES"]

  @Test("samples of every kind of node are written where they are asked for", .enabled(if: folder != nil))
  func write() throws {
    let folder = try #require(Self.folder)
    let charts =
      ["whole": NodeChartTests.whole, "bounded": NodeChartTests.bounded, "past": PastChartTests.small]
      .merging(ChartTests.samples.enumerated().map { ("flows-\($0)", $1) }) { first, _ in first }
    for (name, graph) in charts {
      try graph.chart(.bpmn).write(toFile: "\(folder)/\(name).bpmn", atomically: true, encoding: .utf8)
    }
  }
}
