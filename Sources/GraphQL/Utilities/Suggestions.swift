/// "Did you mean" texts for names that do not exist.
public enum Suggestions {
  /// How many names a message shows.
  static let maxCount = 5

  /// The clause to append to a message; empty without close names. At most five are named.
  public static func didYouMean(_ names: [String], subject: String? = nil) -> String {
    guard !names.isEmpty else { return "" }
    let subject = subject.map { $0 + " " } ?? ""
    return " Did you mean \(subject)\(orList(names.prefix(maxCount).map { "\"\($0)\"" }))?"
  }

  /// `a`, `a or b`, `a, b, or c`.
  static func orList(_ items: [String]) -> String { list(items, "or") }

  /// `a`, `a and b`, `a, b, and c`.
  static func andList(_ items: [String]) -> String { list(items, "and") }

  private static func list(_ items: [String], _ conjunction: String) -> String {
    switch items.count {
    case 0: return ""
    case 1: return items[0]
    case 2: return "\(items[0]) \(conjunction) \(items[1])"
    default: return items.dropLast().joined(separator: ", ") + ", \(conjunction) \(items[items.count - 1])"
    }
  }

  /// The options close to what was written, closest first, equally close ones in natural order.
  public static func closest(_ input: String, _ options: [String]) -> [String] {
    let threshold = input.unicodeScalars.count * 4 / 10 + 1
    let measured = LexicalDistance(input)
    var found: [(name: String, distance: Int)] = []
    for option in options {
      if let distance = measured.distance(to: option, threshold: threshold) { found.append((option, distance)) }
    }
    return found.sorted {
      $0.distance != $1.distance ? $0.distance < $1.distance : NaturalOrder.precedes($0.name, $1.name)
    }.map(\.name)
  }
}

/// Damerau-Levenshtein distance in which a change of case counts as one edit.
struct LexicalDistance {
  private let input: String
  private let lowercased: String
  private let scalars: [Unicode.Scalar]

  init(_ input: String) {
    self.input = input
    lowercased = input.lowercased()
    scalars = Array(lowercased.unicodeScalars)
  }

  /// The distance, or nil if it passes the threshold. O(n · m).
  func distance(to option: String, threshold: Int) -> Int? {
    if input == option { return 0 }
    let optionLowercased = option.lowercased()
    if lowercased == optionLowercased { return 1 }
    var first = Array(optionLowercased.unicodeScalars)
    var second = scalars
    if first.count < second.count { swap(&first, &second) }
    if first.count - second.count > threshold { return nil }
    var rows = [[Int]](repeating: [Int](repeating: 0, count: second.count + 1), count: 3)
    for column in 0...second.count { rows[0][column] = column }
    for row in stride(from: 1, through: first.count, by: 1) {
      let upper = (row - 1) % 3
      let current = row % 3
      rows[current][0] = row
      var smallest = row
      for column in stride(from: 1, through: second.count, by: 1) {
        let cost = first[row - 1] == second[column - 1] ? 0 : 1
        var cell = min(rows[upper][column] + 1, rows[current][column - 1] + 1, rows[upper][column - 1] + cost)
        if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
          cell = min(cell, rows[(row - 2) % 3][column - 2] + 1)
        }
        smallest = min(smallest, cell)
        rows[current][column] = cell
      }
      if smallest > threshold { return nil }
    }
    let distance = rows[first.count % 3][second.count]
    return distance <= threshold ? distance : nil
  }
}

/// Order of names in which runs of digits compare as numbers.
enum NaturalOrder {
  static func precedes(_ left: String, _ right: String) -> Bool {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    var i = 0
    var j = 0
    func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    while i < left.count, j < right.count {
      if isDigit(left[i]), isDigit(right[j]) {
        var a = 0
        var b = 0
        while i < left.count, isDigit(left[i]) { a = a &* 10 &+ Int(left[i] - 0x30); i += 1 }
        while j < right.count, isDigit(right[j]) { b = b &* 10 &+ Int(right[j] - 0x30); j += 1 }
        if a != b { return a < b }
      } else {
        if left[i] != right[j] { return left[i] < right[j] }
        i += 1
        j += 1
      }
    }
    return left.count < right.count
  }
}
