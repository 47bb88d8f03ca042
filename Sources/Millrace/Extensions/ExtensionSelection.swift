/// Which of the registered classes a server uses: the values of the variables that name them. Nil uses what the
/// server's modules register.
public struct ExtensionSelection: Sendable {
  public var visibilities: [String]?
  public var permissions: [String]?
  public var validations: [String]?
  public var dynamicGroups: [String]?
  public var dynamicTasks: [String]?
  public var dataSources: [String]?
  public var formatValidators: [String]?
  public var userFactory: String?

  public init() {}
}
