/// Walks the rows with the plan's output fields and writes JSON straight into the response buffer.
///
/// Spec: 6.4.3 "Value completion" and 6.4.4 "Handling execution errors". A null in a non-null position takes
/// away everything back to the nearest nullable position: the buffer is cut there and `null` is written.
/// Recursion is as deep as the document's selection sets, which the parser's limit bounds.
struct ResponseWriter {
  let plan: Plan
  let results: ContiguousArray<StepState>
  // Plain memory that is valid while `writeResponse` runs; `results` and the plan keep what it refers to.
  private let program: UnsafeBufferPointer<OutputProgram.Field>
  private let holds: UnsafeBufferPointer<Bool>
  private let batches: UnsafeMutableBufferPointer<Unmanaged<RowBatch>?>
  private(set) var errors: [GraphQLError] = []
  /// Errors beyond these are counted as one.
  private let maxErrors: Int
  private var path: [PathSegment] = []
  /// Locations of fields that had errors: a field of many rows may have as many.
  private var locations: [Int: SourceLocation] = [:]

  /// A way to an object: the step and the row it is written from, and within a connection its parent.
  private struct Frame {
    var step: Int
    var row: Int
    /// Row of the step above whose list this is.
    var parent: Int
  }

  /// A place in the response; names are looked up only when an error needs them.
  private enum PathSegment {
    case field(Int)
    case index(Int)
  }

  /// Appends `{"data":…}` or `{"errors":[…],"data":…}`, and answers the errors.
  static func write(
    _ plan: Plan, holds: ContiguousArray<Bool>, results: ContiguousArray<StepState>, maxErrors: Int,
    into output: OutputBuffer
  ) -> [GraphQLError] {
    let batches = UnsafeMutableBufferPointer<Unmanaged<RowBatch>?>.allocate(capacity: results.count)
    defer { batches.deallocate() }
    for (step, result) in results.enumerated() {
      let batch: Unmanaged<RowBatch>? = if case .ready(let batch) = result { .passUnretained(batch) } else { nil }
      batches.initializeElement(at: step, to: batch)
    }
    return withExtendedLifetime((plan, results)) {
      holds.withUnsafeBufferPointer { holds in
        var writer = ResponseWriter(plan: plan, holds: holds, results: results, batches: batches, maxErrors: maxErrors)
        writer.writeResponse(into: output)
        return writer.errors
      }
    }
  }

  private init(
    plan: Plan, holds: UnsafeBufferPointer<Bool>, results: ContiguousArray<StepState>,
    batches: UnsafeMutableBufferPointer<Unmanaged<RowBatch>?>, maxErrors: Int
  ) {
    self.maxErrors = maxErrors
    self.plan = plan
    self.results = results
    self.holds = holds
    self.batches = batches
    program = plan.program.fields
  }

  private mutating func writeResponse(into output: OutputBuffer) {
    output.append("{\"data\":")
    let start = output.count
    let root = plan.selections[plan.rootSelection]
    let whole = writeObject(
      fields: root.variants[0].fields, Frame(step: -1, row: 0, parent: 0), into: output)
    if !whole {
      output.truncate(to: start)
      output.append("null")
    }
    if !errors.isEmpty {
      output.append(",\"errors\":[")
      for (number, error) in errors.enumerated() {
        if number > 0 { output.appendByte(UInt8(ascii: ",")) }
        output.append(error)
      }
      output.appendByte(UInt8(ascii: "]"))
    }
    output.appendByte(UInt8(ascii: "}"))
  }

  /// Answers false when a non-null field of the object is null: the object must become null. The caller cuts
  /// the buffer.
  private mutating func writeObject(fields: Range<Int>, _ frame: Frame, into output: OutputBuffer) -> Bool {
    output.appendByte(UInt8(ascii: "{"))
    let batch = frame.step >= 0 ? batches[frame.step] : nil
    var first = true
    for number in fields {
      let field = program[number]
      guard holds[field.condition] else { continue }
      let mark = output.count
      append(field.key, isFirst: first, to: output)
      let isWritten: Bool
      switch field.kind {
      case .leaf(let slot):
        isWritten = writeLeaf(number, batch, frame.row, slot, into: output)
      case .constant(let bytes):
        output.append(bytes)
        isWritten = true
      case .object(let step, let fields):
        isWritten = writeObject(number, step, fields, frame, into: output)
      case .list(let step, let fields, let nonNullItem):
        isWritten = writeList(number, step, fields, nonNullItem: nonNullItem, frame, into: output)
      case .other:
        path.append(.field(number))
        isWritten = writeField(number, frame, into: output)
        path.removeLast()
      }
      if !isWritten {
        guard !field.nonNull else { return false }
        output.truncate(to: mark)
        append(field.key, isFirst: first, to: output)
        output.append("null")
      }
      first = false
    }
    output.appendByte(UInt8(ascii: "}"))
    return true
  }

  @inline(__always)
  private func append(_ key: UnsafeBufferPointer<UInt8>, isFirst: Bool, to output: OutputBuffer) {
    output.append(isFirst ? UnsafeBufferPointer(rebasing: key[1...]) : key)
  }

  @inline(__always)
  private mutating func writeLeaf(
    _ number: Int, _ batch: Unmanaged<RowBatch>?, _ row: Int, _ slot: Int, into output: OutputBuffer
  ) -> Bool {
    guard let batch else { return missingLeaf(number, nil) }
    switch batch._withUnsafeGuaranteedRef({ $0.write(row: row, slot: slot, into: output) }) {
    case .written: return true
    case .null: return missingLeaf(number, nil)
    case .failed(let error): return missingLeaf(number, error)
    }
  }

  /// A leaf without a value: only now its place in the response matters.
  @inline(never)
  private mutating func missingLeaf(_ number: Int, _ error: GraphQLError?) -> Bool {
    path.append(.field(number))
    defer { path.removeLast() }
    return error.map { failed(number, $0) } ?? missing(number)
  }

  private mutating func writeObject(
    _ number: Int, _ step: Int, _ fields: Range<Int>, _ frame: Frame, into output: OutputBuffer
  ) -> Bool {
    path.append(.field(number))
    defer { path.removeLast() }
    guard let row = batches[step]?._withUnsafeGuaranteedRef({ $0.rows(ofParent: frame.row) }).first else {
      return absent(number, step)
    }
    return writeObject(fields: fields, Frame(step: step, row: row, parent: frame.row), into: output)
  }

  private mutating func writeList(
    _ number: Int, _ step: Int, _ fields: Range<Int>, nonNullItem: Bool, _ frame: Frame, into output: OutputBuffer
  ) -> Bool {
    path.append(.field(number))
    defer { path.removeLast() }
    guard let rows = batches[step]?._withUnsafeGuaranteedRef({ $0.list(ofParent: frame.row) }) else {
      return absent(number, step)
    }
    output.appendByte(UInt8(ascii: "["))
    for row in rows {
      if row > rows.lowerBound { output.appendByte(UInt8(ascii: ",")) }
      let mark = output.count
      path.append(.index(row - rows.lowerBound))
      let isWritten = writeObject(fields: fields, Frame(step: step, row: row, parent: frame.row), into: output)
      path.removeLast()
      if !isWritten {
        if nonNullItem { return false }
        output.truncate(to: mark)
        output.append("null")
      }
    }
    output.appendByte(UInt8(ascii: "]"))
    return true
  }

  /// A field whose step has no row for it.
  private mutating func absent(_ number: Int, _ step: Int) -> Bool {
    if case .failed(let error) = results[step] { failed(number, error) } else { missing(number) }
  }

  /// Answers false when the value is null, having reported an error where the schema does not allow that.
  private mutating func writeField(_ number: Int, _ frame: Frame, into output: OutputBuffer) -> Bool {
    switch plan.fields[number].kind {
    case .constant(let bytes):
      output.append(bytes)
      return true
    case .leaf(let slot):
      guard case .ready(let batch) = results[frame.step] else { return missing(number) }
      return writeLeaf(number, batch, frame.row, slot, into: output)
    case .value(let step):
      switch results[step] {
      case .failed(let error): return failed(number, error)
      case .skipped, .pending: return missing(number)
      case .ready(let batch):
        guard let row = batch.rows(ofParent: frame.row).first else { return missing(number) }
        return writeLeaf(number, batch, row, 0, into: output)
      }
    case .object(let targets):
      return writeLinked(number, targets, frame, into: output)
    case .list(let target, let nonNullItem):
      return writeList(number, target, nonNullItem: nonNullItem, frame, into: output)
    case .connection(let target):
      switch results[target.step] {
      case .failed(let error):
        return failed(number, error)
      case .skipped, .pending:
        return missing(number)
      case .ready:
        let fields = plan.selections[target.selection].variants[0].fields
        return writeObject(
          fields: fields, Frame(step: target.step, row: -1, parent: frame.row), into: output)
      }
    case .node(let selection):
      return writeRow(number, Target(step: frame.step, selection: selection), frame.row, frame.parent, into: output)
    case .edges(let selection):
      return writeEdges(selection, frame, into: output)
    case .pageInfo(let selection):
      return writeObject(fields: plan.selections[selection].variants[0].fields, frame, into: output)
    case .totalCount, .hasNextPage, .hasPreviousPage, .startCursor, .endCursor, .cursor:
      return writePagePart(number, frame, into: output)
    }
  }

  private mutating func writeLeaf(
    _ number: Int, _ batch: RowBatch, _ row: Int, _ slot: Int, into output: OutputBuffer
  ) -> Bool {
    switch batch.write(row: row, slot: slot, into: output) {
    case .written: true
    case .null: missing(number)
    case .failed(let error): failed(number, error)
    }
  }

  private typealias Target = OutputField.Target

  private mutating func writeLinked(
    _ number: Int, _ targets: [Target], _ frame: Frame, into output: OutputBuffer
  ) -> Bool {
    for target in targets {
      switch results[target.step] {
      case .failed(let error):
        return failed(number, error)
      case .skipped, .pending:
        continue
      case .ready(let batch):
        let rows = batch.rows(ofParent: frame.row)
        guard let row = rows.first else { continue }
        return writeRow(number, target, row, frame.row, into: output)
      }
    }
    return missing(number)
  }

  /// Writes one row as an object of its concrete type.
  private mutating func writeRow(
    _ number: Int, _ target: Target, _ row: Int, _ parent: Int, into output: OutputBuffer
  ) -> Bool {
    guard case .ready(let batch) = results[target.step] else { return missing(number) }
    let variants = plan.selections[target.selection].variants
    var fields = variants.first?.fields ?? 0..<0
    if variants.count > 1 {
      guard let type = batch.concreteType(ofRow: row), let variant = variants.first(where: { $0.type == type })
      else { return missing(number) }
      fields = variant.fields
    }
    return writeObject(fields: fields, Frame(step: target.step, row: row, parent: parent), into: output)
  }

  private mutating func writeList(
    _ number: Int, _ target: Target, nonNullItem: Bool, _ frame: Frame, into output: OutputBuffer
  ) -> Bool {
    let batch: RowBatch
    switch results[target.step] {
    case .failed(let error): return failed(number, error)
    case .skipped, .pending: return missing(number)
    case .ready(let ready): batch = ready
    }
    guard let rows = batch.list(ofParent: frame.row) else { return missing(number) }
    output.appendByte(UInt8(ascii: "["))
    var first = true
    for (index, row) in rows.enumerated() {
      if !first { output.appendByte(UInt8(ascii: ",")) }
      first = false
      let mark = output.count
      path.append(.index(index))
      let written = writeRow(number, target, row, frame.row, into: output)
      path.removeLast()
      if !written {
        if nonNullItem { return false }
        output.truncate(to: mark)
        output.append("null")
      }
    }
    output.appendByte(UInt8(ascii: "]"))
    return true
  }

  // MARK: Connections

  private mutating func writeEdges(_ selection: Int, _ frame: Frame, into output: OutputBuffer) -> Bool {
    guard case .ready(let batch) = results[frame.step] else { return false }
    let fields = plan.selections[selection].variants[0].fields
    output.appendByte(UInt8(ascii: "["))
    var first = true
    for (index, row) in batch.rows(ofParent: frame.parent).enumerated() {
      if !first { output.appendByte(UInt8(ascii: ",")) }
      first = false
      let mark = output.count
      path.append(.index(index))
      let written = writeObject(
        fields: fields, Frame(step: frame.step, row: row, parent: frame.parent), into: output)
      path.removeLast()
      if !written {
        output.truncate(to: mark)
        output.append("null")
      }
    }
    output.appendByte(UInt8(ascii: "]"))
    return true
  }

  private func writePagePart(_ number: Int, _ frame: Frame, into output: OutputBuffer) -> Bool {
    guard case .ready(let batch) = results[frame.step], frame.parent < batch.pages.count else { return false }
    let page = batch.pages[frame.parent]
    let rows = batch.rows(ofParent: frame.parent)
    switch plan.fields[number].kind {
    case .totalCount:
      guard let total = page.totalCount else { return false }
      output.append(Int64(total))
    case .hasNextPage:
      output.append(page.hasNextPage)
    case .hasPreviousPage:
      output.append(page.offset > 0)
    case .startCursor:
      guard !rows.isEmpty else { return false }
      Cursor(offset: batch.position(ofRow: rows.lowerBound) ?? page.offset).write(into: output)
    case .endCursor:
      guard !rows.isEmpty else { return false }
      let position = batch.position(ofRow: rows.upperBound - 1)
      Cursor(offset: position ?? page.offset + rows.count - 1).write(into: output)
    case .cursor:
      let position = batch.position(ofRow: frame.row)
      Cursor(offset: position ?? page.offset + frame.row - rows.lowerBound).write(into: output)
    default:
      return false
    }
    return true
  }

  // MARK: Errors

  private mutating func missing(_ number: Int) -> Bool {
    let field = plan.fields[number]
    if field.nonNull {
      report(number, GraphQLError("Cannot return null for non-nullable field \(field.coordinate)."))
    }
    return false
  }

  private mutating func failed(_ number: Int, _ error: GraphQLError) -> Bool {
    report(number, error)
    return false
  }

  private mutating func report(_ number: Int, _ error: GraphQLError) {
    guard errors.count < maxErrors else {
      if errors.count == maxErrors {
        errors.append(
          GraphQLError("There are more errors than these.", code: GraphQLError.Code.tooManyErrors))
      }
      return
    }
    var located = error
    located.locations = [location(number)]
    located.path = responsePath()
    errors.append(located)
  }

  private mutating func location(_ number: Int) -> SourceLocation {
    if let known = locations[number] { return known }
    let location = plan.document.location(plan.fields[number].node)
    locations[number] = location
    return location
  }

  private func responsePath() -> [GraphQLError.PathSegment] {
    path.map { segment in
      switch segment {
      case .field(let number): .key(plan.fields[number].responseKey)
      case .index(let index): .index(index)
      }
    }
  }
}
