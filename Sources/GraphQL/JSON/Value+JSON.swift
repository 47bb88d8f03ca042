extension Value {
  /// The value as JSON text.
  public var json: String {
    let output = OutputBuffer(capacity: 64)
    output.append(self)
    return output.string
  }
}
