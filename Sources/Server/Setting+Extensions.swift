import Millrace

extension Setting {
  /// Which of the registered extensions are in use, under Caluma's names.
  static let extensions: [Setting] = [
    classes("VISIBILITY_CLASSES", "Visibilities", \.visibilities),
    classes("PERMISSION_CLASSES", "Permissions", \.permissions),
    classes("VALIDATION_CLASSES", "Validations", \.validations),
    classes("DYNAMIC_GROUPS_CLASSES", "Dynamic groups", \.dynamicGroups),
    classes("DYNAMIC_TASKS_CLASSES", "Dynamic tasks", \.dynamicTasks),
    classes("DATA_SOURCE_CLASSES", "Data sources", \.dataSources),
    classes("FORMAT_VALIDATOR_CLASSES", "Format validators beside the built-in ones", \.formatValidators),
    Setting(
      "CALUMA_OIDC_USER_FACTORY", "--user-factory", "a name", "the token's claims as they are",
      "Who makes the users of verified tokens."
    ) {
      $1.extensions.userFactory = $0
      return true
    },
  ]

  private static func classes(
    _ variable: String, _ what: String,
    _ place: WritableKeyPath<ExtensionSelection, [String]?> & Sendable
  ) -> Setting {
    let flag = "--" + variable.lowercased().replacing("_", with: "-")
    return Setting(
      variable, flag, "a JSON list of names, or names with commas", "all of the modules in use",
      "\(what) that are in use, in this order."
    ) {
      guard let names = try? ModuleList.names(in: $0) else { return false }
      $1.extensions[keyPath: place] = names
      return true
    }
  }
}
