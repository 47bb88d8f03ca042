/// Text as it stands in XML, in elements and attributes. Characters that XML 1.0 has no place for are left out.
func markup(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n", "\r": result += " "
    case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": break
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Breaks a label into at most this many lines; what does not fit ends in an ellipsis.
func wrapped(_ text: String, width: Int, lines most: Int) -> [String] {
  var lines: [String] = []
  for word in text.split(whereSeparator: \.isWhitespace) {
    var rest = Substring(word)
    while !rest.isEmpty {
      if let last = lines.last, last.count + 1 + rest.count <= width {
        lines[lines.count - 1] = last + " " + rest
        break
      }
      lines.append(String(rest.prefix(width)))
      rest = rest.dropFirst(width)
    }
  }
  guard lines.count > most else { return lines }
  lines.removeLast(lines.count - most)
  lines[most - 1] = lines[most - 1].prefix(width - 1) + "…"
  return lines
}
