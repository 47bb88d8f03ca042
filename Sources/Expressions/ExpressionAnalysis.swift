extension Expression {
  /// Walks the whole expression, also branches that would never be evaluated.
  public func analyze() -> Analysis {
    var analysis = Analysis()
    // Attributes that belong to a path already noted.
    var covered: Set<Int> = []
    for index in nodes.indices.reversed() {
      if case .attribute = nodes[index], !covered.contains(index) {
        var path: [String] = []
        var chain: [Int] = []
        var node = index
        while case .attribute(let subject, let name) = nodes[node] {
          path.append(name)
          chain.append(node)
          node = Int(subject)
        }
        if case .identifier(let name) = nodes[node] {
          covered.formUnion(chain)
          covered.insert(node)
          analysis.paths.append([name] + path.reversed())
        }
      } else if case .identifier(let name) = nodes[index], !covered.contains(index) {
        analysis.paths.append([name])
      }
    }
    analysis.paths.reverse()
    for index in nodes.indices {
      guard case .transform(let subject, let name, _) = nodes[index] else { continue }
      let position = Int(positions[index])
      analysis.transforms.append(Analysis.Use(name: name, position: position))
      switch name {
      case "task", "tasks", "groups": look(at: Int(subject), of: name, position, &analysis)
      default: break
      }
    }
    return analysis
  }

  /// Literal subjects, also in the branches of a conditional. What only shows at run time is not judged.
  private func look(at subject: Int, of name: String, _ position: Int, _ analysis: inout Analysis) {
    var pending = [subject]
    while let node = pending.popLast() {
      let wantsList = name != "task"
      func misuse(_ shown: String) {
        analysis.misused.append(Analysis.Misuse(name: name, subject: shown, position: position))
      }
      func note(_ slug: String) {
        if name != "groups" && !analysis.tasks.contains(slug) { analysis.tasks.append(slug) }
      }
      switch nodes[node] {
      case .conditional(_, let consequent, let alternate):
        pending.append(Int(alternate))
        pending.append(Int(consequent))
      case .literal(.string(let slug)):
        if wantsList { misuse(slug) } else { note(slug) }
      case .literal(let value):
        misuse(value.shown)
      case .array(let items):
        guard wantsList else {
          misuse(Value.array(items.map { literal(Int($0)) }).shown)
          continue
        }
        for item in items {
          switch nodes[Int(item)] {
          case .literal(let value): note(value.shown)
          case .identifier(let slug): note(slug)
          default: analysis.hasComputedTasks = analysis.hasComputedTasks || name != "groups"
          }
        }
      case .identifier(let slug), .attribute(_, let slug):
        if wantsList { misuse(slug) } else { note(slug) }
      case .object:
        misuse("{}")
      default:
        analysis.hasComputedTasks = analysis.hasComputedTasks || name != "groups"
      }
    }
  }

  private func literal(_ index: Int) -> Value {
    if case .literal(let value) = nodes[index] { return value }
    return .null
  }
}
