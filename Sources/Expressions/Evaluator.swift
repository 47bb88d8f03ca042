/// Evaluates one expression. Rows of operators and of attributes, filters and transforms are walked in a loop;
/// what is left of recursion is bounded by the nesting that the parser accepts.
struct Evaluator<Environment: ExpressionEnvironment> {
  let expression: Expression
  var environment: Environment
  private var steps: Int
  private var memory: Int
  /// The value that a filter looks at.
  private var relative: Value?
  /// The arguments of transforms are evaluated without identifiers, as in the Python implementation.
  private var isInArguments = false

  init(expression: Expression, environment: Environment, budget: ExpressionBudget) {
    self.expression = expression
    self.environment = environment
    steps = budget.steps
    memory = budget.memory
  }

  mutating func evaluate(_ index: Node.Index) throws(ExpressionError) -> Value {
    var index = index
    while true {
      try spend(steps: 1, at: index)
      switch expression.nodes[Int(index)] {
      case .literal(let value):
        return value
      case .conditional(let test, let consequent, let alternate):
        index = try evaluate(test).isTrue ? consequent : alternate
      case .not(let operand):
        return .bool(!(try evaluate(operand).isTrue))
      case .binary:
        return try operators(index)
      case .identifier, .attribute, .subscripted, .filter, .transform, .relative:
        return try modifiers(index)
      case .array(let items):
        var values: [Value] = []
        values.reserveCapacity(items.count)
        for item in items { values.append(try evaluate(item)) }
        return try keep(.array(values), at: index)
      case .object(let members):
        var values: [Value.Member] = []
        for member in members { values.append(Value.Member(key: member.key, value: try evaluate(member.value))) }
        return try keep(.object(values), at: index)
      }
    }
  }

  // MARK: budgets

  private mutating func spend(steps count: Int, at index: Node.Index) throws(ExpressionError) {
    guard count <= steps else {
      throw ExpressionError(.budget, "The expression takes too many steps.", at: position(index))
    }
    steps -= count
  }

  private mutating func spend(memory bytes: Int, at index: Node.Index) throws(ExpressionError) {
    guard bytes <= memory else {
      throw ExpressionError(.budget, "The expression takes too much memory.", at: position(index))
    }
    memory -= bytes
  }

  private mutating func keep(_ value: Value, at index: Node.Index) throws(ExpressionError) -> Value {
    try spend(memory: value.cost, at: index)
    return value
  }

  private func position(_ index: Node.Index) -> Int { Int(expression.positions[Int(index)]) }

  // MARK: operators

  private mutating func operators(_ index: Node.Index) throws(ExpressionError) -> Value {
    var row: [Node.Index] = []
    var leftmost = index
    while case .binary(_, let left, _) = expression.nodes[Int(leftmost)] {
      row.append(leftmost)
      leftmost = left
    }
    try spend(steps: row.count, at: index)
    var value = try evaluate(leftmost)
    for node in row.reversed() {
      guard case .binary(let symbol, _, let right) = expression.nodes[Int(node)] else { continue }
      if symbol == .and {
        if value.isTrue { value = try evaluate(right) }
      } else if symbol == .or {
        if !value.isTrue { value = try evaluate(right) }
      } else {
        let operand = try evaluate(right)
        try spend(steps: Arithmetic.steps(symbol, value, operand), at: node)
        try spend(memory: Arithmetic.size(symbol, value, operand), at: node)
        do throws(ExpressionError) {
          value = try Arithmetic.apply(symbol, value, operand)
        } catch {
          throw located(error, at: node)
        }
      }
    }
    return value
  }

  private func located(_ error: ExpressionError, at index: Node.Index) -> ExpressionError {
    guard error.position == nil else { return error }
    return ExpressionError(error.code, error.message, at: position(index))
  }

  // MARK: attributes, filters and transforms

  private mutating func modifiers(_ index: Node.Index) throws(ExpressionError) -> Value {
    var row: [Node.Index] = []
    var base = index
    walk: while true {
      switch expression.nodes[Int(base)] {
      case .attribute(let subject, _), .subscripted(let subject, _), .filter(let subject, _),
        .transform(let subject, _, _):
        row.append(base)
        base = subject
      default:
        break walk
      }
    }
    try spend(steps: row.count, at: index)
    var value: Value
    switch expression.nodes[Int(base)] {
    case .identifier(let name):
      value = try identifier(name, &row, at: base)
    case .relative(let name):
      value = .null
      if let relative { value = try attribute(name, of: relative, at: base) }
    default:
      value = try evaluate(base)
    }
    while let node = row.popLast() {
      switch expression.nodes[Int(node)] {
      case .attribute(_, let name): value = try attribute(name, of: value, at: node)
      case .subscripted(_, let inner): value = try element(try evaluate(inner), of: value, at: node)
      case .filter(_, let inner): value = try filter(value, by: inner, at: node)
      case .transform(_, let name, let arguments): value = try transform(name, value, arguments, at: node)
      default: break
      }
    }
    return value
  }

  /// Takes the attributes off the row that the environment resolved together with the identifier.
  private mutating func identifier(
    _ name: String, _ row: inout [Node.Index], at index: Node.Index
  ) throws(ExpressionError) -> Value {
    guard !isInArguments else { return .null }
    var path = [name]
    for node in row.reversed() {
      guard case .attribute(_, let attribute) = expression.nodes[Int(node)] else { break }
      path.append(attribute)
    }
    let resolved: Resolved?
    do throws(ExpressionError) {
      resolved = try environment.resolve(path)
    } catch {
      throw located(error, at: index)
    }
    guard let resolved else { return .null }
    row.removeLast(min(max(resolved.count, 1), path.count) - 1)
    return try keep(resolved.value, at: index)
  }

  private func attribute(_ name: String, of value: Value, at index: Node.Index) throws(ExpressionError) -> Value {
    guard let member = value[name] else {
      throw ExpressionError(.type, "The attribute `\(name)` of \(value.typeName) does not exist.", at: position(index))
    }
    return member
  }

  /// True keeps the value, false gives null; anything else is a place in a list or text, or a key of an object.
  private func element(_ key: Value, of value: Value, at index: Node.Index) throws(ExpressionError) -> Value {
    switch (value, key) {
    case (_, .bool(true)): return value
    case (_, .bool(false)): return .null
    case (.array(let items), .int(let place)):
      let place = place < 0 ? place + Int64(items.count) : place
      return place >= 0 && place < items.count ? items[Int(place)] : .null
    case (.string(let text), .int(let place)):
      let scalars = Array(text.unicodeScalars)
      let place = place < 0 ? place + Int64(scalars.count) : place
      return place >= 0 && place < scalars.count ? .string(String(scalars[Int(place)])) : .null
    case (.object, .string(let name)): return value[name] ?? .null
    case (.object, .int), (.object, .number), (.object, .null): return .null
    default:
      throw ExpressionError(
        .type, "\(value.typeName) has no element for a key of type \(key.typeName).", at: position(index))
    }
  }

  private mutating func filter(
    _ value: Value, by condition: Node.Index, at index: Node.Index
  ) throws(ExpressionError) -> Value {
    guard let items = value.elements else {
      throw ExpressionError(.type, "\(value.typeName) cannot be filtered.", at: position(index))
    }
    let outer = relative
    defer { relative = outer }
    var kept: [Value] = []
    for item in items {
      relative = item
      if try evaluate(condition).isTrue { kept.append(item) }
    }
    return try keep(.array(kept), at: index)
  }

  private mutating func transform(
    _ name: String, _ subject: Value, _ arguments: [Node.Index], at index: Node.Index
  ) throws(ExpressionError) -> Value {
    let outer = (relative, isInArguments)
    relative = nil
    isInArguments = true
    var values: [Value] = []
    for argument in arguments { values.append(try evaluate(argument)) }
    (relative, isInArguments) = outer
    try spend(steps: subject.elements?.count ?? 1, at: index)
    let result: Value?
    do throws(ExpressionError) {
      if let builtin = BuiltinTransform(rawValue: name) {
        result = try builtin.apply(to: subject, values)
      } else {
        result = try environment.transform(name, subject, values)
      }
    } catch {
      throw located(error, at: index)
    }
    guard let result else {
      throw ExpressionError(.unknownTransform, "The `\(name)` transform is undefined.", at: position(index))
    }
    return try keep(result, at: index)
  }
}

extension Value {
  /// What iterating over the value gives: the elements of a list, the characters of a text, the keys of an object.
  var elements: [Value]? {
    switch self {
    case .array(let items): items
    case .string(let text): text.unicodeScalars.map { .string(String($0)) }
    case .object(let members): members.map { .string($0.key) }
    default: nil
    }
  }
}
