/// Which uses of variables each operation reaches through fragments, as sets of bits.
///
/// The three rules on variables look at every use that an operation reaches. Many operations that share many fragments
/// would make that a product; here the uses travel once along each spread, and only an operation that breaks a rule is
/// looked at use by use, to word its errors. O(definitions + spreads × distinct uses / 64).
struct VariableReach {
  /// What matters of a use: two uses that agree in it break the same rules in the same operations.
  private struct Use: Hashable {
    var name: NameID
    var type: TypeReference?
    var hasDefault: Bool
    var fragmentVariable: NodeID
    var oneOf: TypeID
  }

  private let context: ValidationContext
  private let document: Document
  private var numbers: [Use: Int] = [:]
  private var examples: [ValidationContext.VariableUsage] = []
  private var wordCount = 0
  /// The uses that a fragment reaches, by its name.
  private var reached: [NameID: [UInt64]] = [:]

  init(_ context: ValidationContext) {
    self.context = context
    document = context.document
    for usage in context.usages {
      let use = use(usage)
      if numbers[use] == nil {
        numbers[use] = examples.count
        examples.append(usage)
      }
    }
    wordCount = (examples.count + 63) / 64
    if wordCount > 0 { propagate() }
  }

  private func use(_ usage: ValidationContext.VariableUsage) -> Use {
    Use(
      name: document[usage.node].name, type: usage.type, hasDefault: usage.hasDefault,
      fragmentVariable: usage.fragmentVariable, oneOf: usage.oneOf)
  }

  /// One example of each distinct use that an operation reaches.
  func uses(of operation: ValidationContext.Executable) -> [ValidationContext.VariableUsage] {
    var bits = ownUses(operation)
    for name in context.spreads[operation.spreads] {
      if let more = reached[name] { Self.unite(&bits, more) }
    }
    var uses: [ValidationContext.VariableUsage] = []
    for (index, word) in bits.enumerated() {
      var rest = word
      while rest != 0 {
        uses.append(examples[index * 64 + rest.trailingZeroBitCount])
        rest &= rest - 1
      }
    }
    return uses
  }

  private func ownUses(_ executable: ValidationContext.Executable) -> [UInt64] {
    var bits = [UInt64](repeating: 0, count: wordCount)
    for usage in context.usages[executable.usages] {
      if let number = numbers[use(usage)] { bits[number / 64] |= 1 << (number % 64) }
    }
    return bits
  }

  private static func unite(_ bits: inout [UInt64], _ more: [UInt64]) {
    for index in bits.indices { bits[index] |= more[index] }
  }

  /// One fragment on the path of the search for components.
  private struct Frame {
    var name: NameID
    var next: Int
    var low: Int
    var bits: [UInt64]
  }

  /// Tarjan's algorithm, without recursion: fragments that spread each other reach the same uses.
  private mutating func propagate() {
    var order: [NameID: Int] = [:]
    var open: [NameID] = []
    for root in context.fragmentExecutables.keys where order[root] == nil {
      var path: [Frame] = []
      func enter(_ name: NameID, _ fragment: ValidationContext.Executable) {
        let number = order.count
        order[name] = number
        open.append(name)
        path.append(
          Frame(name: name, next: fragment.spreads.lowerBound, low: number, bits: ownUses(fragment)))
      }
      if let fragment = context.fragmentExecutables[root] { enter(root, fragment) }
      while let frame = path.last {
        let top = path.count - 1
        guard let fragment = context.fragmentExecutables[frame.name], frame.next < fragment.spreads.upperBound else {
          path.removeLast()
          if frame.low == order[frame.name] {
            while let member = open.popLast() {
              reached[member] = frame.bits
              if member == frame.name { break }
            }
          }
          if top > 0 {
            Self.unite(&path[top - 1].bits, frame.bits)
            path[top - 1].low = min(path[top - 1].low, frame.low)
          }
          continue
        }
        path[top].next += 1
        let spread = context.spreads[frame.next]
        if let known = reached[spread] {
          Self.unite(&path[top].bits, known)
        } else if let number = order[spread] {
          path[top].low = min(path[top].low, number)
        } else if let next = context.fragmentExecutables[spread] {
          enter(spread, next)
        }
      }
    }
  }
}
