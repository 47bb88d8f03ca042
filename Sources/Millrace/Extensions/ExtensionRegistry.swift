import Flows

/// Whether a client may send a mutation at all. False refuses it.
public typealias Permission = @Sendable (MutationRequest) async throws -> Bool

/// Whether a client may change this object. Not asked for mutations that create one.
public typealias ObjectPermission = @Sendable (MutationRequest, MutationObject) async throws -> Bool

/// Looks at the data of a mutation after the server's own checks and before anything is written. It may change the
/// data; an error refuses the mutation, with its message when it is a `MillraceError`.
public typealias Validation = @Sendable (MutationRequest, inout MutationData) async throws -> Void

/// Collects the extensions of a module while the server starts.
///
/// Rules stand in *classes*, which configuration variables such as `VISIBILITY_CLASSES` name. A rule without a class
/// stands in the class that has the module's name. Within a class the narrowest rule counts (`completeWorkItem`
/// before `any`); all classes that are in use have to agree.
public struct ExtensionRegistry: Sendable {
  var module = ""
  var visibilities = ClassList<VisibilityClass>()
  var permissions = ClassList<PermissionClass>()
  var validations = ClassList<ValidationClass>()
  var dynamicGroups = ClassList<DynamicClass>()
  var dynamicTasks = ClassList<DynamicClass>()
  var dataSources = ClassList<NamedDataSource>()
  var formatValidators = ClassList<NamedFormatValidator>()
  var userFactories = ClassList<NamedUserFactory>()
  var nodes = NodeFunctions()
  var flows: [FlowProgram] = []
  /// The handlers of jobs in flows, by name.
  var flowJobs: [String: JobHandler] = [:]
  /// What was registered wrongly; the start stops with it.
  var problems: [String] = []

  public init() {}

  // MARK: Visibilities

  /// Shows of a type only the rows for which the rule's condition holds.
  ///
  /// - Parameter rule: called once per request and type. It has to be quick; what it needs from elsewhere belongs
  ///   into the user's claims.
  public mutating func visibility<Node>(
    _ node: NodeType<Node>, in name: String? = nil, _ rule: @escaping @Sendable (User) -> Visibility<Node>
  ) {
    let name = name ?? module
    let kind = node.kind
    let isNew = visibilities.update(name, module) { $0.add(kind) { rule($0).condition } }
    if !isNew { problems.append("The visibility \(name) has two rules for \(kind?.rawValue ?? "Node").") }
  }

  /// A class that shows what at least one of the named classes shows.
  public mutating func visibility(_ name: String, anyOf names: [String]) {
    let isNew = visibilities.update(name, module) { $0.join(names) }
    if !isNew { problems.append("The visibility \(name) is defined twice.") }
  }

  /// Lets the lookup of a field, `Type.field`, show what it finds whoever asks; for `WorkItem.case` and its like.
  /// It holds as soon as one class in use says so.
  public mutating func suppressVisibility(of fields: [String], in name: String? = nil) {
    _ = visibilities.update(name ?? module, module) {
      $0.suppressed.formUnion(fields)
      return true
    }
  }

  // MARK: Permissions

  public mutating func permission(
    _ mutations: Mutation..., in name: String? = nil, _ permission: @escaping Permission
  ) {
    let name = name ?? module
    for mutation in mutations {
      let isNew = permissions.update(name, module) { $0.add(mutation, permission) }
      if !isNew { problems.append("The permission \(name) has two rules for \(mutation).") }
    }
  }

  public mutating func objectPermission(
    _ mutations: Mutation..., in name: String? = nil, _ permission: @escaping ObjectPermission
  ) {
    let name = name ?? module
    for mutation in mutations {
      let isNew = permissions.update(name, module) { $0.add(mutation, permission) }
      if !isNew { problems.append("The permission \(name) has two rules for objects of \(mutation).") }
    }
  }

  // MARK: Validations

  public mutating func validation(
    _ mutations: Mutation..., in name: String? = nil, _ validation: @escaping Validation
  ) {
    let name = name ?? module
    for mutation in mutations {
      let isNew = validations.update(name, module) { $0.add(mutation, validation) }
      if !isNew { problems.append("The validation \(name) has two rules for \(mutation).") }
    }
  }

  // MARK: Names in expressions

  /// What a name in `['name']|groups` stands for. A name that nobody registers stands for itself.
  public mutating func dynamicGroup(
    _ group: String, in name: String? = nil, _ resolve: @escaping DynamicGroup
  ) {
    let name = name ?? module
    let isNew = dynamicGroups.update(name, module) { $0.add(group, resolve) }
    if !isNew { problems.append("The dynamic group \(group) is registered twice in \(name).") }
  }

  /// What a name in `'name'|task` or `['name']|tasks` stands for. A name that nobody registers stands for itself.
  public mutating func dynamicTask(
    _ task: String, in name: String? = nil, _ resolve: @escaping DynamicTask
  ) {
    let name = name ?? module
    let isNew = dynamicTasks.update(name, module) { $0.add(task, resolve) }
    if !isNew { problems.append("The dynamic task \(task) is registered twice in \(name).") }
  }

  // MARK: Answers and users

  /// Offers a data source under a name that questions and queries use.
  public mutating func dataSource(_ name: String, _ source: any DataSource) {
    if !dataSources.insert(NamedDataSource(name: name, module: module, source: source)) {
      problems.append("The data source \(name) is registered twice.")
    }
  }

  public mutating func formatValidator(_ validator: FormatValidator) {
    if !formatValidators.insert(NamedFormatValidator(validator: validator, module: module)) {
      problems.append("The format validator \(validator.slug) is registered twice.")
    }
  }

  /// Makes the users of requests; `CALUMA_OIDC_USER_FACTORY` names the one in use.
  public mutating func userFactory(_ name: String? = nil, _ factory: @escaping UserFactory) {
    let name = name ?? module
    if !userFactories.insert(NamedUserFactory(name: name, module: module, factory: factory)) {
      problems.append("The user factory \(name) is registered twice.")
    }
  }
}
