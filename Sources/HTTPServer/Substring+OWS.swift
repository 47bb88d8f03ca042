extension Substring {
  /// Without the blanks and tabs around it that a header field may have (RFC 9110, section 5.6.3).
  public var trimmed: Substring {
    var rest = self
    while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
    return rest
  }
}
