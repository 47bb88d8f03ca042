/// The nodes of a parsed expression. They stand in one array; children are places in it.
enum Node: Sendable {
  typealias Index = Int32

  case literal(Value)
  case identifier(String)
  /// `.name`: a member of the value that a filter looks at.
  case relative(String)
  case attribute(Index, String)
  /// `[…]` without anything relative inside: a place, a key, or all or nothing.
  case subscripted(Index, Index)
  /// `[…]` with something relative inside.
  case filter(Index, Index)
  case transform(Index, String, [Index])
  case not(Index)
  case binary(BinaryOperator, Index, Index)
  case conditional(Index, Index, Index)
  case array([Index])
  case object([(key: String, value: Index)])
}
