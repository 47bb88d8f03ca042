/// Variables of Caluma's configuration that say what one setting says, with other names or in another form.
///
/// A deployment's environment can be kept as it is. Variables that have the same name in both need nothing.
struct CalumaVariable: Sendable {
  /// One or several that make up the setting together.
  let names: [String]
  /// The setting's variable.
  let variable: String
  /// What `names` take.
  let expected: String
  let isSecret: Bool
  /// The setting's value, from those of the names that are given and of the setting's own variable; nil if they cannot
  /// be used.
  private let translate: @Sendable (_ given: [String: String], _ own: String?) -> String?

  static let all: [CalumaVariable] = [
    CalumaVariable(
      ["DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_USER", "DATABASE_PASSWORD"], "DATABASE_URL",
      "a host, a port, a database, a user and a password", isSecret: true
    ) { given, _ in
      let defaults = ["DATABASE_HOST": "localhost", "DATABASE_NAME": "caluma", "DATABASE_USER": "caluma"]
      let parts = [
        ("host", "DATABASE_HOST"), ("port", "DATABASE_PORT"), ("dbname", "DATABASE_NAME"), ("user", "DATABASE_USER"),
        ("password", "DATABASE_PASSWORD"),
      ]
      return parts.compactMap { key, name in
        (given[name] ?? defaults[name]).map { "\(key)=\(quoted($0))" }
      }.joined(separator: " ")
    },
    CalumaVariable(["LANGUAGES", "LANGUAGE_CODE"], "MILLRACE_LANGUAGES", "language codes with commas, and one of them")
    {
      given, own in
      var languages = list(given["LANGUAGES"] ?? own ?? Setting.defaultLanguages)
      if let first = given["LANGUAGE_CODE"] { languages = [first] + languages.filter { $0 != first } }
      return languages.isEmpty ? nil : languages.joined(separator: ",")
    },
    CalumaVariable(["LOG_LEVEL"], "MILLRACE_LOG_LEVEL", "DEBUG, INFO, WARNING, ERROR or CRITICAL") { given, _ in
      given["LOG_LEVEL"]?.lowercased()
    },
    CalumaVariable(
      ["CORS_ORIGIN_ALLOW_ALL", "CORS_ORIGIN_WHITELIST"], "MILLRACE_CORS_ORIGINS",
      "true or false, and origins with commas"
    ) { given, _ in
      guard let allowsAll = flag(given["CORS_ORIGIN_ALLOW_ALL"] ?? "false") else { return nil }
      return allowsAll ? "*" : list(given["CORS_ORIGIN_WHITELIST"] ?? "").joined(separator: ",")
    },
    CalumaVariable(["DISABLE_INTROSPECTION"], "MILLRACE_INTROSPECTION", "true or false") { given, _ in
      given["DISABLE_INTROSPECTION"].flatMap(flag).map { $0 ? "off" : "everyone" }
    },
    // Depth without a bound is not to be had: 0 is the largest.
    CalumaVariable(["QUERY_DEPTH_LIMIT"], "MILLRACE_MAX_DEPTH", "a number from 0 to 1000") { given, _ in
      given["QUERY_DEPTH_LIMIT"].map { $0 == "0" ? "1000" : $0 }
    },
  ]

  private init(
    _ names: [String], _ variable: String, _ expected: String, isSecret: Bool = false,
    translate: @escaping @Sendable ([String: String], String?) -> String?
  ) {
    self.names = names
    self.variable = variable
    self.expected = expected
    self.isSecret = isSecret
    self.translate = translate
  }

  /// The environment with the setting's own variable for those of Caluma.
  ///
  /// - Parameter flags: by flag; where one is given, it wins over all variables.
  /// - Throws: which variables differ or cannot be used.
  static func resolve(
    _ environment: [String: String], flags: [String: String]
  ) throws(ConfigurationError) -> [String: String] {
    var result = environment
    for entry in all {
      guard let setting = Setting.all.first(where: { $0.variable == entry.variable }), flags[setting.flag] == nil else {
        continue
      }
      let given = environment.filter { entry.names.contains($0.key) && !$0.value.isEmpty }
      guard !given.isEmpty else { continue }
      let names = entry.names.filter { given[$0] != nil }.joined(separator: ", ")
      let own = environment[entry.variable].flatMap { $0.isEmpty ? nil : $0 }
      var scratch = ServerConfiguration()
      guard let value = entry.translate(given, own), setting.apply(value, &scratch) else {
        let shown = entry.names.compactMap { given[$0] }.joined(separator: ", ")
        throw ConfigurationError(names, entry.isSecret ? "…" : shown, expected: entry.expected)
      }
      if let own, own.filter({ $0 != " " }) != value.filter({ $0 != " " }) {
        throw ConfigurationError(
          "\(names) and \(entry.variable) are both given and differ. Keep one of them.")
      }
      result[entry.variable] = value
    }
    return result
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
  }

  private static func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "on", "yes", "1": true
    case "false", "off", "no", "0": false
    default: nil
    }
  }

  /// A value of a connection string.
  private static func quoted(_ text: String) -> String {
    "'" + text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
  }
}
