/// What a plan writes, as plain memory. The walk of a response looks at every field of every row, and counting
/// references there would take longer than writing the field.
final class OutputProgram {
  struct Field {
    enum Kind {
      case constant(UnsafeBufferPointer<UInt8>)
      case leaf(slot: Int)
      /// An object of one concrete type and one possible step.
      case object(step: Int, fields: Range<Int>)
      /// A list of objects of one concrete type.
      case list(step: Int, fields: Range<Int>, nonNullItem: Bool)
      /// Whatever the plan says.
      case other
    }

    let kind: Kind
    /// `,"key":`; the first field of an object leaves out the comma.
    let key: UnsafeBufferPointer<UInt8>
    let condition: Int
    let nonNull: Bool
  }

  let fields: UnsafeBufferPointer<Field>
  private let bytes: UnsafeMutableBufferPointer<UInt8>

  init(_ fields: ContiguousArray<OutputField>, _ selections: ContiguousArray<Selection>) {
    var size = 0
    for field in fields {
      size += field.key.count + 1
      if case .constant(let text) = field.kind { size += text.count }
    }
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: size)
    self.bytes = bytes
    var end = 0
    func kept(_ text: some Collection<UInt8>) -> UnsafeBufferPointer<UInt8> {
      let place = UnsafeMutableBufferPointer(rebasing: bytes[end..<(end + text.count)])
      _ = place.initialize(from: text)
      end += text.count
      return UnsafeBufferPointer(place)
    }
    func only(_ target: OutputField.Target) -> Range<Int>? {
      let variants = selections[target.selection].variants
      return variants.count == 1 ? variants[0].fields : nil
    }
    let program = UnsafeMutableBufferPointer<Field>.allocate(capacity: fields.count)
    for (number, field) in fields.enumerated() {
      var kind = Field.Kind.other
      switch field.kind {
      case .constant(let text): kind = .constant(kept(text))
      case .leaf(let slot): kind = .leaf(slot: slot)
      case .object(let targets):
        if targets.count == 1, let fields = only(targets[0]) { kind = .object(step: targets[0].step, fields: fields) }
      case .list(let target, let nonNullItem):
        if let fields = only(target) { kind = .list(step: target.step, fields: fields, nonNullItem: nonNullItem) }
      default: break
      }
      let key = kept([UInt8(ascii: ",")] + field.key)
      program.initializeElement(
        at: number, to: Field(kind: kind, key: key, condition: field.condition, nonNull: field.nonNull))
    }
    self.fields = UnsafeBufferPointer(program)
  }

  deinit {
    fields.deallocate()
    bytes.deallocate()
  }
}
