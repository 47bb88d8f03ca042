/// The forms in which a chart can be had. Raw values are those of the API.
public enum ChartFormat: String, Sendable, CaseIterable {
  /// A picture, with the states as classes and a style sheet of its own.
  case svg = "SVG"
  /// Text for tools that draw Mermaid's flowcharts.
  case mermaid = "MERMAID"
  /// BPMN 2.0 with diagram interchange, for modelling tools.
  case bpmn = "BPMN"
  /// Nodes, edges and their places, for frontends that draw themselves.
  case json = "JSON"
}

extension ChartGraph {
  /// The chart in one of its forms.
  public func chart(_ format: ChartFormat) -> String {
    switch format {
    case .svg: SVGChart(self).text
    case .mermaid: MermaidChart(self).text
    case .bpmn: BPMNChart(self).text
    case .json: JSONChart(self).text
    }
  }
}
