/// Removes everything that has no meaning from a document: white space, commas, comments, indentation of block strings.
/// - Throws: `GraphQLError` if the text is not made of tokens.
public func stripIgnoredCharacters(_ source: String) throws(GraphQLError) -> String {
  let bytes = ContiguousArray(source.utf8)
  let outcome: Result<[UInt8], GraphQLError> = bytes.withUnsafeBufferPointer { buffer in
    do throws(GraphQLError) {
      return .success(try strip(buffer))
    } catch {
      return .failure(error)
    }
  }
  return String(decoding: try outcome.get(), as: UTF8.self)
}

private func strip(_ bytes: UnsafeBufferPointer<UInt8>) throws(GraphQLError) -> [UInt8] {
  var lexer = Lexer(bytes: bytes, limits: .trusted)
  var out: [UInt8] = []
  var endedInWord = false
  while true {
    let token = try lexer.next()
    if token.kind == .endOfFile { return out }
    let isWord: Bool
    switch token.kind {
    case .name, .int, .float, .string, .blockString: isWord = true
    default: isWord = false
    }
    // Two words need something between them, and so does a spread after one, which would read as part of a number.
    if endedInWord && (isWord || token.kind == .spread) { out.append(0x20) }
    endedInWord = isWord
    let text = UnsafeBufferPointer(rebasing: bytes[Int(token.start)..<Int(token.end)])
    if token.kind == .blockString {
      out += Array(BlockString.print(StringLiteral.value(of: text, isBlock: true), minimize: true).utf8)
    } else {
      out += text
    }
  }
}
