/// The signs of BPMN that tell what an activity or event is, as paths of 16 by 16 around a middle.
enum SVGSign {
  /// - Parameter isFilled: as what tells something is drawn, instead of waiting for it.
  static func drawing(_ detail: ChartGraph.Detail, _ x: Int, _ y: Int, isFilled: Bool) -> String {
    let path =
      switch detail {
      case .user: "M-4 -3 a4 4 0 1 1 8 0 a4 4 0 1 1 -8 0 M-7 8 c0 -10 14 -10 14 0z"
      case .service:
        "M-5 0 a5 5 0 1 1 10 0 a5 5 0 1 1 -10 0 M0 -8v3 M0 5v3 M-8 0h3 M5 0h3 M-6 -6l2 2 M4 4l2 2 M-6 6l2 -2 M4 -4l2 -2"
      case .script: "M-6 -8h12v16h-12z M-3 -4h6 M-3 0h6 M-3 4h6"
      case .send, .receive, .message: "M-8 -5h16v11h-16z M-8 -5l8 6l8 -6"
      case .call: "M-8 -6h16v12h-16z M-4 0h8 M0 -4v8"
      case .timer: "M-8 0 a8 8 0 1 1 16 0 a8 8 0 1 1 -16 0 M0 -5v5l4 2"
      case .signal: "M0 -7l7 12h-14z"
      case .condition: "M-6 -8h12v16h-12z M-3 -4h6 M-3 0h6 M-3 4h6"
      case .error: "M-7 7l4 -13l5 7l5 -8l-4 13l-5 -7z"
      case .escalation: "M0 -8l6 14l-6 -5l-6 5z"
      case .compensation: "M0 -5v10l-7 -5z M7 -5v10l-7 -5z"
      case .terminate: "M-7 0 a7 7 0 1 1 14 0 a7 7 0 1 1 -14 0"
      }
    return "<path class=\"\(isFilled ? "mark told" : "mark")\" transform=\"translate(\(x) \(y))\" d=\"\(path)\"/>"
  }

  /// Three lines: side by side for what happens at once, on top of each other for one after the other.
  static func drawing(_ repetition: ChartGraph.Repetition, _ x: Int, _ y: Int) -> String {
    let path =
      switch repetition {
      case .parallel: "M-4 -5v10 M0 -5v10 M4 -5v10"
      case .sequential: "M-5 -4h10 M-5 0h10 M-5 4h10"
      }
    return "<path class=\"mark\" transform=\"translate(\(x) \(y))\" d=\"\(path)\"/>"
  }
}
