import Expressions

/// Which rows of a type a user may see: a condition that becomes part of every SQL statement that reads the type.
///
/// Values travel as parameters. Logic has two values, as in Swift: a comparison with null does not match, and its
/// opposite does. Nothing equals nil, so that rows of nobody are not those of an anonymous user.
public struct Visibility<Node: VisibilityNode>: Sendable {
  let condition: VisibilityCondition

  init(_ condition: VisibilityCondition) {
    self.condition = condition
  }

  /// Every row.
  public static var all: Self { Self(.all) }
  /// No row.
  public static var none: Self { Self(.none) }

  /// Rows for which one of the conditions holds; none without conditions.
  public static func any(_ conditions: Self...) -> Self { Self(.or(conditions.map(\.condition))) }

  /// Rows for which all of the conditions hold; all without conditions.
  public static func every(_ conditions: Self...) -> Self { Self(.and(conditions.map(\.condition))) }

  public static func && (first: Self, second: Self) -> Self { Self(.and([first.condition, second.condition])) }
  public static func || (first: Self, second: Self) -> Self { Self(.or([first.condition, second.condition])) }
  public static prefix func ! (condition: Self) -> Self { Self(.not(condition.condition)) }

  // MARK: Columns

  /// Nil equals nothing.
  public static func column(_ column: VisibilityColumn<Node, String>, equals value: String?) -> Self {
    Self(value.map { .test(column.name, .isIn([$0])) } ?? .none)
  }

  public static func column(_ column: VisibilityColumn<Node, String>, isIn values: [String]) -> Self {
    Self(values.isEmpty ? .none : .test(column.name, .isIn(values)))
  }

  public static func isNull(_ column: VisibilityColumn<Node, String>) -> Self {
    Self(.test(column.name, .isNull))
  }

  public static func column(_ column: VisibilityColumn<Node, Bool>, equals value: Bool) -> Self {
    Self(.test(column.name, .isTrue(value)))
  }

  /// Whether the column has any of the values.
  public static func column(_ column: VisibilityColumn<Node, [String]>, overlaps values: [String]) -> Self {
    Self(values.isEmpty ? .none : .test(column.name, .overlaps(values)))
  }

  /// Whether the column has the value; nil is in no column.
  public static func column(_ column: VisibilityColumn<Node, [String]>, contains value: String?) -> Self {
    Self(value.map { .test(column.name, .overlaps([$0])) } ?? .none)
  }

  public static func isEmpty(_ column: VisibilityColumn<Node, [String]>) -> Self {
    Self(.test(column.name, .isEmpty))
  }

  // MARK: Related rows

  /// Rows with a related row for which the condition holds.
  public static func exists<Other>(
    _ relation: VisibilityRelation<Node, Other>, where condition: Visibility<Other> = .all
  ) -> Self {
    Self(.exists(relation.link, condition.condition))
  }

  /// Rows with a related row that the user may see, by all classes that are in use.
  public static func isVisible<Other>(_ relation: VisibilityRelation<Node, Other>) -> Self {
    Self(.visible(relation.link))
  }
}

/// Types whose rows have a `meta` column.
public protocol MetaNode: VisibilityNode {}
extension WorkflowNode: MetaNode {}
extension TaskNode: MetaNode {}
extension CaseNode: MetaNode {}
extension WorkItemNode: MetaNode {}

extension Visibility where Node: MetaNode {
  /// Whether a key of `meta` has this value, of the same JSON type.
  public static func meta(_ key: String, equals value: JSON) -> Self {
    Self(.test("meta", .metaEquals(key, value.json)))
  }

  public static func meta(hasKey key: String) -> Self {
    Self(.test("meta", .metaHasKey(key)))
  }
}
