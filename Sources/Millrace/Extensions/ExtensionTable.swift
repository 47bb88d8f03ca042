import Flows
import Logging

/// The extensions that a server uses, in the order in which they are asked.
public struct ExtensionTable: Sendable {
  let visibilities: [VisibilityClass]
  let suppressedVisibilities: Set<String>
  private let permissions: [PermissionClass]
  private let validations: [ValidationClass]
  private let dynamicGroups: [DynamicClass]
  private let dynamicTasks: [DynamicClass]
  /// By name, in their order.
  package let dataSources: [(name: String, source: any DataSource)]
  package let formatValidators: [FormatValidator]
  /// What typed nodes name.
  let nodes: NodeFunctions
  /// Workflows that are written in Swift.
  let flows: [FlowProgram]
  /// The handlers of their jobs, by name.
  public let flowJobs: [String: JobHandler]
  /// Makes users of tokens; nil for the standard way.
  public let userFactory: UserFactory?

  /// What stops the start.
  public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
  }

  /// No extensions at all.
  public init() {
    visibilities = []
    suppressedVisibilities = []
    permissions = []
    validations = []
    dynamicGroups = []
    dynamicTasks = []
    dataSources = []
    formatValidators = FormatValidator.standard
    nodes = NodeFunctions()
    flows = []
    flowJobs = [:]
    userFactory = nil
  }

  /// - Parameters:
  ///   - modules: whose classes are in use where a variable names none.
  /// - Throws: the first name that nobody registered, or what was registered wrongly.
  public init(
    _ registry: ExtensionRegistry, modules: [String], selection: ExtensionSelection = ExtensionSelection()
  ) throws(Failure) {
    var registry = registry
    registry.module = ""
    StandardExtensions.register(&registry)
    if let problem = registry.problems.first { throw Failure(description: problem) }
    let choice = Choice(modules: modules)
    let all = registry.visibilities
    var shown: [VisibilityClass] = []
    for found in try choice.classes(all, "VISIBILITY_CLASSES", selection.visibilities) {
      shown.append(try Self.resolved(found, all, path: []))
    }
    // A class that shows everything costs nothing.
    visibilities = shown.filter { $0.name != "Any" }
    suppressedVisibilities = shown.reduce(into: []) { $0.formUnion($1.suppressed) }
    permissions = try choice.classes(registry.permissions, "PERMISSION_CLASSES", selection.permissions)
      .filter { $0.name != "AllowAny" }
    validations = try choice.classes(registry.validations, "VALIDATION_CLASSES", selection.validations)
    dynamicGroups = try choice.classes(registry.dynamicGroups, "DYNAMIC_GROUPS_CLASSES", selection.dynamicGroups)
    dynamicTasks = try choice.classes(registry.dynamicTasks, "DYNAMIC_TASKS_CLASSES", selection.dynamicTasks)
    dataSources = try choice.classes(registry.dataSources, "DATA_SOURCE_CLASSES", selection.dataSources)
      .map { ($0.name, $0.source) }
    let chosen = try choice.classes(
      registry.formatValidators, "FORMAT_VALIDATOR_CLASSES", selection.formatValidators)
    formatValidators =
      chosen.map(\.validator).filter { own in !FormatValidator.standard.contains { $0.slug == own.slug } }
      + FormatValidator.standard
    nodes = registry.nodes
    flows = registry.flows
    flowJobs = registry.flowJobs
    userFactory = try choice.classes(
      registry.userFactories, "CALUMA_OIDC_USER_FACTORY", selection.userFactory.map { [$0] } ?? []
    ).first?.factory
    try checkCycles()
  }

  /// A class with the classes that it joins.
  private static func resolved(
    _ found: VisibilityClass, _ all: ClassList<VisibilityClass>, path: [String]
  ) throws(Failure) -> VisibilityClass {
    guard !found.joinedNames.isEmpty else { return found }
    guard !path.contains(found.name) else {
      throw Failure(description: "The visibility \(found.name) joins itself.")
    }
    var joined: [VisibilityClass] = []
    for name in found.joinedNames {
      guard let other = all[name] else {
        throw Failure(description: "The visibility \(found.name) joins \(name), which nobody registers.")
      }
      joined.append(try resolved(other, all, path: path + [found.name]))
    }
    return found.joining(joined)
  }

  /// A type that is visible where it is visible would never be.
  private func checkCycles() throws(Failure) {
    for user in [User(), User(name: "user", groups: ["group"])] {
      let scope = VisibilityScope(self, user: user, logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() })
      for kind in StoredType.allCases {
        var parameters = Placeholders()
        _ = scope.sql(kind, alias: "t", &parameters)
        if let cycle = scope.cycle {
          throw Failure(description: "The visibility of \(cycle.rawValue) depends on itself.")
        }
      }
    }
  }

  private struct Placeholders: VisibilityParameters {
    mutating func bind(text value: String) -> String { "$1" }
    mutating func bind(texts values: [String]) -> String { "$1" }
    mutating func bind(json value: String) -> String { "$1" }
  }

  // MARK: What is registered

  /// Mutations that rules name.
  package var namedMutations: Set<Mutation> {
    var names: Set<Mutation> = []
    for found in permissions { names.formUnion(found.mutations) }
    for found in validations { names.formUnion(found.validations.keys) }
    return names.filter { !$0.isGroup }
  }

  package var restrictsVisibility: Bool { !visibilities.isEmpty }

  /// Whether anything has a say in mutations.
  package var concernsMutations: Bool {
    !(visibilities.isEmpty && permissions.isEmpty && validations.isEmpty)
  }

  /// The permissions of a mutation: of each class the narrowest.
  package func permissions(for mutation: Mutation) -> [Permission] {
    permissions.compactMap { found in mutation.lineage.lazy.compactMap { found.permissions[$0] }.first }
  }

  package func objectPermissions(for mutation: Mutation) -> [ObjectPermission] {
    permissions.compactMap { found in mutation.lineage.lazy.compactMap { found.objectPermissions[$0] }.first }
  }

  package func validations(for mutation: Mutation) -> [Validation] {
    validations.compactMap { found in mutation.lineage.lazy.compactMap { found.validations[$0] }.first }
  }

  package func dataSource(_ name: String) -> (any DataSource)? {
    dataSources.first { $0.name == name }?.source
  }

  func dynamicGroup(_ name: String) -> DynamicGroup? {
    dynamicGroups.lazy.compactMap { $0.functions[name] }.first
  }

  func dynamicTask(_ name: String) -> DynamicTask? {
    dynamicTasks.lazy.compactMap { $0.functions[name] }.first
  }

  var hasDynamicNames: Bool { !dynamicGroups.isEmpty || !dynamicTasks.isEmpty }
}

/// Looks names of a variable up among what is registered.
private struct Choice {
  let modules: [String]

  func classes<Element: ExtensionClass>(
    _ list: ClassList<Element>, _ variable: String, _ names: [String]?
  ) throws(ExtensionTable.Failure) -> [Element] {
    guard let names else {
      return modules.flatMap { module in list.all.filter { $0.module == module } }
    }
    var found: [Element] = []
    for name in names {
      let plain = Self.plain(name)
      guard let element = list[plain] else {
        let known = list.all.map(\.name).sorted().joined(separator: ", ")
        throw ExtensionTable.Failure(
          description: "\(variable): nobody registers \(name). This server has: \(known.isEmpty ? "none" : known).")
      }
      guard !found.contains(where: { $0.name == plain }) else {
        throw ExtensionTable.Failure(description: "\(variable) names \(name) twice.")
      }
      found.append(element)
    }
    return found
  }

  /// Caluma's own classes are named by their path there: `caluma.caluma_core.visibilities.Any`.
  private static func plain(_ name: String) -> String {
    name.hasPrefix("caluma.") ? String(name.split(separator: ".").last ?? "") : name
  }
}
