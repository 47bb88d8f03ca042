import Millrace

// The examples of docs/how-to/extend.md. `ExtensionGuideTests` runs each, and compares the page with this file.

enum OwnCases: MillraceModule {
  static let name = "own-cases"

  static func extend(_ extensions: inout ExtensionRegistry) {
    extensions.visibility(.case) { user in
      .any(.column(.createdByUser, equals: user.name), .meta("public", equals: true))
    }
    extensions.visibility(.workItem) { user in
      .isVisible(.case) || .column(.addressedGroups, overlaps: user.groups)
    }
  }
}

enum Offices: MillraceModule {
  static let name = "offices"

  static func extend(_ extensions: inout ExtensionRegistry) {
    extensions.permission(.any) { request in request.user.isAuthenticated }
    extensions.permission(.saveTask, .saveWorkflow) { request in request.user.groups.contains("architects") }
    extensions.objectPermission(.completeWorkItem) { request, object in
      object.workItem?.assignedUsers.contains(request.user.name ?? "") ?? false
    }
  }
}

enum Budgets: MillraceModule {
  static let name = "budgets"

  static func extend(_ extensions: inout ExtensionRegistry) {
    extensions.validation(.startCase, .saveCase) { request, data in
      guard let amount = data.meta?["amount"] else { return }
      guard case .int(let francs) = amount, francs <= 10_000 else {
        throw MillraceError(.invalidInput, "An amount is a whole number of at most 10000.")
      }
    }
    extensions.validation(.saveWorkItem) { _, data in
      data["name"] = data.text("name").map { .string($0.uppercased()) }
    }
  }
}

enum Neighbours: MillraceModule {
  static let name = "neighbours"

  static func extend(_ extensions: inout ExtensionRegistry) {
    extensions.dynamicGroup("starter") { request in
      request.case?.createdByGroup.map { [$0] } ?? []
    }
    extensions.dynamicTask("after-draft") { request in
      request.context["urgent"] == true ? ["send"] : ["review", "check"]
    }
  }
}

struct Cantons: DataSource {
  let info = ["en": "Cantons", "de": "Kantone"]
  let fallback: [DataSourceItem]? = [DataSourceItem("other", label: "Other")]

  func items(for request: DataSourceRequest) async throws -> [DataSourceItem] {
    guard request.context["down"] != true else { throw MillraceError(.unavailable, "The register is away.") }
    return [
      DataSourceItem("be", label: ["en": "Berne", "de": "Bern"]),
      DataSourceItem("ge", label: ["en": "Geneva", "de": "Genf"]),
    ]
  }
}

enum Registers: MillraceModule {
  static let name = "registers"

  static func extend(_ extensions: inout ExtensionRegistry) {
    extensions.dataSource("Cantons", Cantons())
  }
}

enum PostalCodes: MillraceModule {
  static let name = "postal-codes"

  static func extend(_ extensions: inout ExtensionRegistry) {
    extensions.formatValidator(
      FormatValidator(
        slug: "postal-code", name: ["en": "Postal code", "de": "Postleitzahl"],
        errorMessage: ["en": "%(value)s is no postal code"], regex: "^[1-9][0-9]{3}$"
      ) { value in
        value.utf8.count == 4 && (1000...9999).contains(Int(value) ?? 0)
      })
  }
}

enum Staff: MillraceModule {
  static let name = "staff"

  static func extend(_ extensions: inout ExtensionRegistry) {
    extensions.userFactory { token in
      guard token.claims["blocked"] != true else { throw MillraceError(.permissionDenied, "The account is blocked.") }
      var user = token.standard
      user.groups.append("staff")
      return user
    }
  }
}

enum Registrar: MillraceModule {
  static let name = "registrar"

  static func register(_ events: inout ReceiverRegistry) {
    let isDraft = filterEvents { $0.workItem?.task == "draft" }
    events.on(.postCompleteWorkItem, sender: .completeWorkItem, filter: isDraft) { event, context in
      guard let item = event.workItem else { return }
      try await context.saveCase(UpdateCase(id: item.caseID, workflow: "order", meta: "{\"drafted\": true}"))
    }
  }
}
