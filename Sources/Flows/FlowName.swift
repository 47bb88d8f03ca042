/// Makes slugs and titles of names in a program.
enum FlowName {
  /// The words of a name: `checkApproveURL` has three.
  static func words(of name: String) -> [String] {
    var words: [String] = []
    var previous: Character?
    let characters = Array(name)
    for (place, character) in characters.enumerated() {
      if character == "_" || character == "-" {
        previous = nil
        continue
      }
      let next = place + 1 < characters.count ? characters[place + 1] : nil
      let begins =
        previous == nil
        || character.isUppercase
          && (previous?.isLowercase == true || previous?.isNumber == true || next?.isLowercase == true)
      if begins { words.append("") }
      words[words.count - 1].append(character)
      previous = character
    }
    return words
  }

  static func slug(of name: String) -> String { words(of: name).map { $0.lowercased() }.joined(separator: "-") }

  static func title(of name: String) -> String {
    let text = words(of: name).map { $0.allSatisfy(\.isUppercase) && $0.count > 1 ? $0 : $0.lowercased() }
      .joined(separator: " ")
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  /// Tasks of all workflows share their names.
  static func task(_ node: String, of flow: String) -> String { "\(flow)-\(slug(of: node))" }
}
