/// "Did you mean …?" for names that do not exist.
enum Suggestions {
  static func text(for name: String, among candidates: [String]) -> String {
    let target = Array(name.lowercased().utf8)
    let limit = target.count * 2 / 5 + 1
    let close = candidates.compactMap { candidate -> (distance: Int, name: String)? in
      guard let distance = distance(target, Array(candidate.lowercased().utf8), limit) else { return nil }
      return (distance, candidate)
    }.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(5).map { "\"\($0.name)\"" }
    switch close.count {
    case 0: return ""
    case 1: return " Did you mean \(close[0])?"
    case 2: return " Did you mean \(close[0]) or \(close[1])?"
    default: return " Did you mean \(close.dropLast().joined(separator: ", ")), or \(close[close.count - 1])?"
    }
  }

  /// Edits between two names, or nil when there are more than the limit. Names over 128 bytes are not compared.
  private static func distance(_ first: [UInt8], _ second: [UInt8], _ limit: Int) -> Int? {
    guard first.count <= 128, second.count <= 128, abs(first.count - second.count) <= limit else { return nil }
    var previous = Array(0...second.count)
    for (row, byte) in first.enumerated() {
      var current = [row + 1]
      current.reserveCapacity(second.count + 1)
      for (column, other) in second.enumerated() {
        current.append(min(previous[column] + (byte == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    let distance = previous[second.count]
    return distance <= limit ? distance : nil
  }
}
