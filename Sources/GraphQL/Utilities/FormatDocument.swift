/// Prints a document in the reference format and keeps its comments, which are no part of a syntax tree.
///
/// A comment on a line of its own stays above what it stood above; one behind something moves above the line
/// that holds it. Formatting a formatted text changes nothing.
/// - Throws: `GraphQLError` for the first thing that is not grammatical.
public func formatDocument(_ source: String) throws(GraphQLError) -> String {
  let document = try Parser.parse(source, limits: .trusted, options: .emptyDocuments)
  let printed = Printer.print(document)
  let original = try TokenText(source)
  guard !original.comments.isEmpty else { return printed.isEmpty ? "" : printed + "\n" }
  return CommentPlacement(original: original, printed: try TokenText(printed)).text()
}

/// A text as its tokens and the comments between them.
private struct TokenText {
  struct Word {
    let kind: Token.Kind
    let text: String
    let line: Int
  }

  struct Comment {
    let text: String
    /// The token that follows.
    let next: Int
    /// Whether it stands behind something on the same line.
    let isTrailing: Bool
    /// Whether an empty line follows.
    let isSetApart: Bool
  }

  let lines: [String]
  private(set) var words: [Word] = []
  private(set) var comments: [Comment] = []

  init(_ source: String) throws(GraphQLError) {
    lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let bytes = ContiguousArray(source.utf8)
    let outcome: Result<([Word], [Comment]), GraphQLError> = bytes.withUnsafeBufferPointer { buffer in
      do throws(GraphQLError) {
        return .success(try Self.read(buffer))
      } catch {
        return .failure(error)
      }
    }
    (words, comments) = try outcome.get()
  }

  private static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(GraphQLError) -> ([Word], [Comment]) {
    var lexer = Lexer(bytes: bytes, limits: .trusted)
    var words: [Word] = []
    var comments: [Comment] = []
    var end = 0
    var line = 0
    while true {
      let token = try lexer.next()
      comments += self.comments(in: bytes, from: end, to: Int(token.start), next: words.count)
      line += newlines(in: bytes, from: end, to: Int(token.start))
      if token.kind == .endOfFile { return (words, comments) }
      let text = String(decoding: bytes[Int(token.start)..<Int(token.end)], as: UTF8.self)
      words.append(Word(kind: token.kind, text: text, line: line))
      end = Int(token.end)
      line += newlines(in: bytes, from: Int(token.start), to: end)
    }
  }

  private static func newlines(in bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int {
    bytes[start..<end].count { $0 == UInt8(ascii: "\n") }
  }

  private static func comments(
    in bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, next: Int
  ) -> [Comment] {
    var comments: [Comment] = []
    var position = start
    var isTrailing = start > 0
    while position < end {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { isTrailing = false }
      guard byte == UInt8(ascii: "#") else {
        position += 1
        continue
      }
      var stop = position
      while stop < end, bytes[stop] != UInt8(ascii: "\n"), bytes[stop] != UInt8(ascii: "\r") { stop += 1 }
      var text = bytes[position..<stop]
      while let last = text.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { text.removeLast() }
      var after = stop
      while after < end, bytes[after] != UInt8(ascii: "#") { after += 1 }
      comments.append(
        Comment(
          text: String(decoding: text, as: UTF8.self), next: next, isTrailing: isTrailing,
          isSetApart: newlines(in: bytes, from: stop, to: after) > 1))
      position = stop
    }
    return comments
  }
}

/// Puts the comments of one text among the lines of another one with the same meaning.
private struct CommentPlacement {
  let original: TokenText
  let printed: TokenText

  func text() -> String {
    let places = places()
    var above: [Int: [TokenText.Comment]] = [:]
    var atEnd: [TokenText.Comment] = []
    for comment in original.comments {
      let word = comment.isTrailing ? comment.next - 1 : comment.next
      if word < places.count, places[word] < printed.words.count {
        above[printed.words[places[word]].line, default: []].append(comment)
      } else {
        atEnd.append(comment)
      }
    }
    var lines: [String] = []
    for (number, line) in printed.lines.enumerated() {
      let trimmed = line.drop { $0 == " " }
      // What stands above a closing bracket belongs to what the bracket closes.
      let isClosing = trimmed.first == "}" || trimmed.first == ")" || trimmed.first == "]"
      let indentation = String(line.prefix(line.count - trimmed.count)) + (isClosing ? "  " : "")
      for comment in above[number] ?? [] {
        lines.append(indentation + comment.text)
        if comment.isSetApart && !comment.isTrailing && indentation.isEmpty { lines.append("") }
      }
      lines.append(line)
    }
    if !atEnd.isEmpty, !printed.words.isEmpty { lines.append("") }
    lines += atEnd.map(\.text)
    return lines.drop(while: \.isEmpty).joined(separator: "\n") + "\n"
  }

  /// For each token of the original, the token of the printed text that it became. The printed text leaves out
  /// the `query` of a bare selection set and leading `|` and `&`; commas are no tokens.
  private func places() -> [Int] {
    var places: [Int] = []
    var place = 0
    for word in original.words {
      places.append(place)
      if place < printed.words.count, matches(word, printed.words[place]) { place += 1 }
    }
    return places
  }

  private func matches(_ word: TokenText.Word, _ other: TokenText.Word) -> Bool {
    guard word.kind == other.kind else { return false }
    switch word.kind {
    case .name, .int, .float: return word.text == other.text
    default: return true
    }
  }
}
