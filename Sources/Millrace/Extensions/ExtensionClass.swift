/// Something that a configuration variable can name.
protocol ExtensionClass: Sendable {
  var name: String { get }
  var module: String { get }
}

/// A class that collects rules under its name.
protocol RuleClass: ExtensionClass {
  init(name: String, module: String)
}

/// Classes by name, in the order in which they were first registered.
struct ClassList<Element: ExtensionClass>: Sendable {
  private(set) var all: [Element] = []

  subscript(_ name: String) -> Element? { all.first { $0.name == name } }

  /// Adds a class; answers false if there is one of that name.
  mutating func insert(_ element: Element) -> Bool {
    guard self[element.name] == nil else { return false }
    all.append(element)
    return true
  }
}

extension ClassList where Element: RuleClass {
  /// Changes the class of that name, which is made if it is not there.
  mutating func update(_ name: String, _ module: String, _ change: (inout Element) -> Bool) -> Bool {
    if let place = all.firstIndex(where: { $0.name == name }) { return change(&all[place]) }
    var element = Element(name: name, module: module)
    let result = change(&element)
    all.append(element)
    return result
  }
}

/// Visibility rules that stand under one name.
struct VisibilityClass: RuleClass {
  let name: String
  let module: String
  var suppressed: Set<String> = []
  private var rules: [StoredType: @Sendable (User) -> VisibilityCondition] = [:]
  private var fallback: (@Sendable (User) -> VisibilityCondition)?
  /// Names of classes of which one has to show a row.
  private(set) var joinedNames: [String] = []
  private var joined: [VisibilityClass] = []

  init(name: String, module: String) {
    self.name = name
    self.module = module
  }

  mutating func add(_ kind: StoredType?, _ rule: @escaping @Sendable (User) -> VisibilityCondition) -> Bool {
    guard let kind else {
      defer { fallback = rule }
      return fallback == nil
    }
    return rules.updateValue(rule, forKey: kind) == nil
  }

  mutating func join(_ names: [String]) -> Bool {
    defer { joinedNames = names }
    return joinedNames.isEmpty
  }

  /// The same with the classes that it joins, which have been looked up.
  func joining(_ classes: [VisibilityClass]) -> VisibilityClass {
    var result = self
    result.joined = classes
    for other in classes { result.suppressed.formUnion(other.suppressed) }
    return result
  }

  func condition(of kind: StoredType, for user: User) -> VisibilityCondition {
    if let rule = rules[kind] ?? fallback { return rule(user) }
    return joined.isEmpty ? .all : .or(joined.map { $0.condition(of: kind, for: user) })
  }
}

/// Permissions that stand under one name.
struct PermissionClass: RuleClass {
  let name: String
  let module: String
  private(set) var permissions: [Mutation: Permission] = [:]
  private(set) var objectPermissions: [Mutation: ObjectPermission] = [:]

  init(name: String, module: String) {
    self.name = name
    self.module = module
  }

  mutating func add(_ mutation: Mutation, _ permission: @escaping Permission) -> Bool {
    permissions.updateValue(permission, forKey: mutation) == nil
  }

  mutating func add(_ mutation: Mutation, _ permission: @escaping ObjectPermission) -> Bool {
    objectPermissions.updateValue(permission, forKey: mutation) == nil
  }

  var mutations: Set<Mutation> { Set(permissions.keys).union(objectPermissions.keys) }
}

/// Validations that stand under one name.
struct ValidationClass: RuleClass {
  let name: String
  let module: String
  private(set) var validations: [Mutation: Validation] = [:]

  init(name: String, module: String) {
    self.name = name
    self.module = module
  }

  mutating func add(_ mutation: Mutation, _ validation: @escaping Validation) -> Bool {
    validations.updateValue(validation, forKey: mutation) == nil
  }
}

/// Dynamic groups or tasks that stand under one name.
struct DynamicClass: RuleClass {
  let name: String
  let module: String
  private(set) var functions: [String: @Sendable (DynamicRequest) async throws -> [String]] = [:]

  init(name: String, module: String) {
    self.name = name
    self.module = module
  }

  mutating func add(
    _ key: String, _ resolve: @escaping @Sendable (DynamicRequest) async throws -> [String]
  ) -> Bool {
    functions.updateValue(resolve, forKey: key) == nil
  }
}

struct NamedDataSource: ExtensionClass {
  let name: String
  let module: String
  let source: any DataSource
}

struct NamedFormatValidator: ExtensionClass {
  let validator: FormatValidator
  let module: String
  var name: String { validator.slug }
}

struct NamedUserFactory: ExtensionClass {
  let name: String
  let module: String
  let factory: UserFactory
}
