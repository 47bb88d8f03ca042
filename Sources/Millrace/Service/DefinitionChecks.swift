/// What every definition has to keep to, however it comes: by a mutation or from a file.
public enum DefinitionChecks {
  public static func slug(_ slug: String) throws(MillraceError) {
    let isPlain = slug.utf8.allSatisfy { byte in
      (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
        || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: "_")
    }
    guard !slug.isEmpty else { throw MillraceError(.invalidInput, "This field may not be blank.") }
    guard isPlain else {
      throw MillraceError(
        .invalidInput, "Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens.")
    }
    guard slug.utf8.count <= 127 else {
      throw MillraceError(.invalidInput, "Ensure this field has no more than 127 characters.")
    }
  }

  public static func name(_ name: String) throws(MillraceError) {
    guard name.contains(where: { !$0.isWhitespace }) else {
      throw MillraceError(.invalidInput, "This field may not be blank.")
    }
  }
}
