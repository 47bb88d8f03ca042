/// When a writer is to pause, and when it may go on: full at the high mark, free again at the low one, so that a slow
/// reader does not have its writer woken for every byte. Pure.
public struct WaterMarks: Equatable, Sendable {
  /// Bytes on their way at which the writer is to pause.
  public let high: Int
  /// Bytes on their way at which a paused writer may go on.
  public let low: Int
  /// Whether the writer is to wait.
  public private(set) var isFull = false

  public init(high: Int, low: Int) {
    self.high = high
    self.low = low
  }

  /// So many bytes are on their way now. Answers whether a writer that waits may go on.
  public mutating func changed(to bytes: Int) -> Bool {
    if bytes >= high {
      isFull = true
    } else if isFull, bytes <= low {
      isFull = false
      return true
    }
    return false
  }
}
