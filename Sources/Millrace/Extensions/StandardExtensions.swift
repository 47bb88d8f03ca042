/// The classes that every server has, under Caluma's names.
enum StandardExtensions {
  static func register(_ registry: inout ExtensionRegistry) {
    registry.visibility(.node, in: "Any") { _ in .all }
    registry.visibility(.node, in: "Authenticated") { user in user.isAuthenticated ? .all : .none }
    registry.visibility(.node, in: "CreatedByGroup") { user in .column(.createdByGroup, isIn: user.groups) }
    registry.visibility(.workItem, in: "AddressedGroups") { user in
      .column(.addressedGroups, overlaps: user.groups)
    }
    registry.visibility(.case, in: "AddressedGroups") { user in
      .any(
        .exists(.workItems, where: .column(.addressedGroups, overlaps: user.groups)),
        .exists(.parentWorkItem, where: .column(.addressedGroups, overlaps: user.groups)))
    }

    registry.permission(.any, in: "AllowAny") { _ in true }
    registry.permission(.any, in: "IsAuthenticated") { $0.user.isAuthenticated }
    registry.objectPermission(.any, in: "CreatedByGroup") { request, object in
      object.createdByGroup.map(request.user.groups.contains) ?? false
    }
    for validator in FormatValidator.standard { registry.formatValidator(validator) }
  }
}

extension FormatValidator {
  static let standard = [
    FormatValidator(
      slug: "email", name: ["en": "E-mail", "de": "E-Mail", "fr": "E-mail"],
      errorMessage: [
        "en": "Please enter a valid e-mail address", "de": "Bitte geben Sie eine gültige E-Mail-Adresse ein",
        "fr": "Veuillez saisir une adresse e-mail valide",
      ],
      regex: #"(^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$)"#, isValid: isEmail),
    FormatValidator(
      slug: "phone-number", name: ["en": "Phone number", "de": "Telefonnummer", "fr": "Numéro de téléphone"],
      errorMessage: [
        "en": "Please enter a valid phone number", "de": "Bitte geben Sie eine gültige Telefonnummer ein",
        "fr": "Veuillez saisir un numéro de téléphone valide",
      ],
      regex: #"^[\s\/\.\(\)-]*(?:\+|0|00)(?:[\s\/\.\(\)-]*\d[\s\/\.\(\)-]*){6,20}$"#, isValid: isPhoneNumber),
  ]

  /// Something before an @, and behind it a name, a dot and more.
  private static func isEmail(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[0].allSatisfy({ isWord($0) || "_.+-".contains($0) }),
      let dot = parts[1].firstIndex(of: "."), dot > parts[1].startIndex
    else { return false }
    let rest = parts[1][parts[1].index(after: dot)...]
    return !rest.isEmpty && parts[1][..<dot].allSatisfy { isWord($0) || $0 == "-" }
      && rest.allSatisfy { isWord($0) || $0 == "-" || $0 == "." }
  }

  /// A plus or a zero, then 6 to 20 digits, with spaces and the signs people write between them.
  private static func isPhoneNumber(_ text: String) -> Bool {
    var rest = text.filter { !$0.isWhitespace && !"/.()-".contains($0) }[...]
    guard let first = rest.popFirst(), first == "+" || first == "0" else { return false }
    return (6...20).contains(rest.count) && rest.allSatisfy { $0.isASCII && $0.isNumber }
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber)
  }
}
