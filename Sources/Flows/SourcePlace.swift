/// Where in a program something is declared.
public struct SourcePlace: Sendable, Hashable, CustomStringConvertible {
  public let file: String
  public let line: UInt

  init(_ file: StaticString, _ line: UInt) {
    self.file = "\(file)"
    self.line = line
  }

  public var description: String { "\(file):\(line)" }
}
