import Expressions
import GraphQL
import Millrace
import Postgres
import WorkflowEngine

/// What surrounds a client's mutation: permission to send it, sight of what it names, permission to change that,
/// validation of its data. Made only when an extension has a say in the mutation.
struct MutationFrame: Sendable {
  private let mutation: Mutation
  private let context: APIContext
  private let references: [MutationReference]
  private let permissions: [Permission]
  private let objectPermissions: [ObjectPermission]
  private let validations: [Validation]
  private let coerce: MutationCoercion

  init?(_ name: String, _ context: APIContext, coerce: MutationCoercion) {
    let extensions = context.service.extensions
    guard extensions.concernsMutations else { return nil }
    mutation = Mutation(name)
    self.context = context
    references = extensions.restrictsVisibility ? MutationReference.table[name] ?? [] : []
    permissions = extensions.permissions(for: mutation)
    objectPermissions = extensions.objectPermissions(for: mutation)
    validations = extensions.validations(for: mutation)
    self.coerce = coerce
  }

  // MARK: Permission to send it

  /// - Throws: `permissionDenied`, or what a permission throws.
  func permit(_ input: MutationInput) async throws {
    guard !permissions.isEmpty else { return }
    let request = request(input, context.service.extensionContext(deadline: context.deadline))
    for permission in permissions where try await !permission(request) { throw MillraceError.permissionDenied }
  }

  private func request(_ input: MutationInput, _ database: ExtensionContext) -> MutationRequest {
    var data = MutationData(JSON(input.value))
    var clientContext = JSON.null
    if let text = data.text("context") { clientContext = JSON(json: text) ?? .null }
    data["context"] = nil
    data["clientMutationId"] = nil
    return MutationRequest(
      mutation: mutation, user: context.user, input: data, context: clientContext, database: database)
  }

  private func permit(_ object: MutationObject, _ input: MutationInput, _ database: ExtensionContext) async throws {
    let request = request(input, database)
    for permission in objectPermissions where try await !permission(request, object) {
      throw MillraceError.permissionDenied
    }
  }

  /// The input as the validations leave it.
  private func validated(_ input: MutationInput, _ database: ExtensionContext) async throws -> MutationInput {
    let request = request(input, database)
    var data = request.input
    for validation in validations { try await validation(request, &data) }
    var value = GraphQL.Value(data.json)
    // What validations do not see stays as it was.
    if case .object(var object) = value {
      for name in ["context", "clientMutationId"] {
        if let kept = input[name] { object.fields.append(.init(name: name, value: kept)) }
      }
      value = .object(object)
    }
    guard let coerced = coerce(value) else {
      throw MillraceError(.invalidInput, "A validation left data that is no valid input of \(mutation).")
    }
    return MutationInput(coerced)
  }

  // MARK: Commands, which are looked at behind the lock of their family

  /// - Parameter command: makes the command of an input.
  func gate(
    _ input: MutationInput, _ command: @escaping @Sendable (MutationInput) throws -> Command
  ) -> MutationGate {
    var gate = MutationGate(checks: references.compactMap { $0.check(input, context) })
    if !objectPermissions.isEmpty {
      gate.permit = { object, database in try await permit(object, input, database) }
    }
    if !validations.isEmpty {
      gate.revise = { database in try command(try await validated(input, database)) }
    }
    return gate
  }

  // MARK: Other mutations

  /// Checks everything at once, before the mutation begins; answers the input as the validations leave it.
  func admit(_ input: MutationInput) async throws -> MutationInput {
    let database = context.service.extensionContext(deadline: context.deadline)
    let sent = references.compactMap { $0.check(input, context) }.map { check in
      (check, context.send(check.sql, check.parameters))
    }
    let row = objectPermissions.isEmpty ? nil : target(input)
    for (check, rows) in sent where check.isTarget {
      if let problem = check.problem(try await rows.rows()) { throw problem }
    }
    if let (type, rows) = row, let object = Self.object(type, try await rows.rows()) {
      try await permit(object, input, database)
    }
    for (check, rows) in sent where !check.isTarget {
      if let problem = check.problem(try await rows.rows()) { throw problem }
    }
    return validations.isEmpty ? input : try await validated(input, database)
  }

  /// The stored definition that the mutation changes, on its way.
  private func target(_ input: MutationInput) -> (StoredType, PendingRows)? {
    guard
      let reference = MutationReference.table[mutation.name]?.first(where: { $0.isObject(of: mutation) })
    else { return nil }
    var builder = StatementBuilder()
    guard let condition = reference.bind(reference.keys(input), &builder) else { return nil }
    let type = reference.type
    let meta = type == .flow || type == .hook ? "null::jsonb" : "t.meta"
    let text =
      "select t.\(type.key)::text, t.created_by_user, t.created_by_group, \(meta) from \(type.table) t where "
        + "\(condition)"
    return (type, context.send(SQL(text), builder.parameters))
  }

  private static func object(_ type: StoredType, _ rows: Rows) -> MutationObject? {
    guard rows.count > 0 else { return nil }
    let definition = StoredDefinition(
      key: rows.text(0, 0), createdByUser: rows.isNull(0, 1) ? nil : rows.text(0, 1),
      createdByGroup: rows.isNull(0, 2) ? nil : rows.text(0, 2),
      meta: rows.isNull(0, 3) ? .null : JSON(json: rows.json(0, 3)) ?? .null)
    switch type {
    case .workflow: return .workflow(definition)
    case .task: return .task(definition)
    case .flow: return .flow(definition)
    case .hook: return .hook(definition)
    case .case, .workItem, .hookDelivery, .job: return nil
    }
  }
}

extension MutationReference {
  /// Whether permissions for objects are asked about this one.
  func isObject(of mutation: Mutation) -> Bool {
    type != .hookDelivery && type != .job && (role == .target || role == .saved)
      || mutation == .addWorkflowFlow && type == .workflow
  }
}
