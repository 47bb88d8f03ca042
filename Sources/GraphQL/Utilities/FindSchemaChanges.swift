/// Finds every difference between two schemas.
public func findSchemaChanges(_ old: Schema, _ new: Schema) -> [SchemaChange] {
  var finder = SchemaChangeFinder(old: old, new: new)
  finder.compareTypes()
  finder.compareDirectives()
  return finder.changes
}

private struct SchemaChangeFinder {
  let old: Schema
  let new: Schema
  var changes: [SchemaChange] = []

  init(old: Schema, new: Schema) {
    self.old = old
    self.new = new
  }

  private mutating func report(_ severity: SchemaChange.Severity, _ kind: String, _ description: String) {
    changes.append(SchemaChange(severity: severity, kind: kind, description: description))
  }

  /// Definitions by name: those only in the old list, only in the new list, in both.
  private func difference<Element>(
    _ before: some Sequence<Element>, _ after: some Sequence<Element>, _ beforeName: (Element) -> String,
    _ afterName: (Element) -> String
  ) -> (removed: [Element], added: [Element], kept: [(Element, Element)]) {
    var index: [String: Element] = [:]
    for item in after { index[afterName(item)] = item }
    var removed: [Element] = []
    var kept: [(Element, Element)] = []
    var names = Set<String>()
    for item in before {
      names.insert(beforeName(item))
      if let match = index[beforeName(item)] { kept.append((item, match)) } else { removed.append(item) }
    }
    return (removed, after.filter { !names.contains(afterName($0)) }, kept)
  }

  private mutating func compareDescription(_ before: String?, _ after: String?, _ subject: @autoclosure () -> String) {
    if before != after {
      report(.safe, "DESCRIPTION_CHANGED", "Description of \(subject()) has changed to \"\(after ?? "null")\".")
    }
  }

  // MARK: Types

  mutating func compareTypes() {
    let old = old
    let new = new
    let types = difference(old.typeOrder, new.typeOrder, { old.name($0) }, { new.name($0) })
    for id in types.removed {
      let isScalar = old[id].isBuiltIn && old.kind(id) == .scalar
      report(
        .breaking, "TYPE_REMOVED",
        isScalar
          ? "Standard scalar \(old.name(id)) was removed because it is not referenced anymore."
          : "\(old.name(id)) was removed.")
    }
    for id in types.added { report(.safe, "TYPE_ADDED", "\(new.name(id)) was added.") }
    for (before, after) in types.kept { compareType(before, after) }
  }

  private mutating func compareType(_ before: TypeID, _ after: TypeID) {
    let name = old.name(before)
    let oldType = old[before]
    let newType = new[after]
    compareDescription(oldType.description, newType.description, name)
    guard oldType.kind == newType.kind else {
      report(
        .breaking, "TYPE_CHANGED_KIND",
        "\(name) changed from \(Self.describe(oldType.kind)) to \(Self.describe(newType.kind)).")
      return
    }
    switch oldType.kind {
    case .enum: compareEnum(oldType, newType, name)
    case .union: compareUnion(oldType, newType, name)
    case .inputObject: compareInputObject(oldType, newType, name)
    case .object, .interface:
      compareFields(oldType, newType, name)
      compareInterfaces(oldType, newType, name)
    case .scalar: break
    }
  }

  private static func describe(_ kind: TypeKind) -> String {
    switch kind {
    case .scalar: "a Scalar type"
    case .object: "an Object type"
    case .interface: "an Interface type"
    case .union: "a Union type"
    case .enum: "an Enum type"
    case .inputObject: "an Input type"
    }
  }

  private mutating func compareEnum(_ before: TypeDefinition, _ after: TypeDefinition, _ type: String) {
    let old = old
    let new = new
    let values = difference(
      old.enumValues[before.enumValues], new.enumValues[after.enumValues], { old.names.string($0.name) },
      { new.names.string($0.name) })
    for value in values.added {
      report(.dangerous, "VALUE_ADDED_TO_ENUM", "Enum value \(type).\(new.names.string(value.name)) was added.")
    }
    for value in values.removed {
      report(.breaking, "VALUE_REMOVED_FROM_ENUM", "Enum value \(type).\(old.names.string(value.name)) was removed.")
    }
    for (before, after) in values.kept {
      compareDescription(
        before.description, after.description, "enum value \(type).\(old.names.string(before.name))")
    }
  }

  private mutating func compareUnion(_ before: TypeDefinition, _ after: TypeDefinition, _ type: String) {
    let old = old
    let new = new
    let members = difference(before.members, after.members, { old.name($0) }, { new.name($0) })
    for id in members.added {
      report(.dangerous, "TYPE_ADDED_TO_UNION", "\(new.name(id)) was added to union type \(type).")
    }
    for id in members.removed {
      report(.breaking, "TYPE_REMOVED_FROM_UNION", "\(old.name(id)) was removed from union type \(type).")
    }
  }

  private mutating func compareInterfaces(_ before: TypeDefinition, _ after: TypeDefinition, _ type: String) {
    let old = old
    let new = new
    let interfaces = difference(before.interfaces, after.interfaces, { old.name($0) }, { new.name($0) })
    for id in interfaces.added {
      report(
        .dangerous, "IMPLEMENTED_INTERFACE_ADDED", "\(new.name(id)) added to interfaces implemented by \(type).")
    }
    for id in interfaces.removed {
      report(.breaking, "IMPLEMENTED_INTERFACE_REMOVED", "\(type) no longer implements interface \(old.name(id)).")
    }
  }

  private mutating func compareInputObject(_ before: TypeDefinition, _ after: TypeDefinition, _ type: String) {
    let old = old
    let new = new
    let fields = difference(
      old.inputValues[before.inputFields], new.inputValues[after.inputFields], { old.names.string($0.name) },
      { new.names.string($0.name) })
    for field in fields.added {
      let name = new.names.string(field.name)
      if field.isRequired {
        report(.breaking, "REQUIRED_INPUT_FIELD_ADDED", "A required field \(type).\(name) was added.")
      } else {
        report(.dangerous, "OPTIONAL_INPUT_FIELD_ADDED", "An optional field \(type).\(name) was added.")
      }
    }
    for field in fields.removed {
      report(.breaking, "FIELD_REMOVED", "Field \(type).\(old.names.string(field.name)) was removed.")
    }
    for (before, after) in fields.kept {
      let coordinate = "\(type).\(old.names.string(before.name))"
      compareInput(
        before, after, coordinate, change: "Field \(coordinate) changed type", kind: "FIELD_CHANGED_KIND",
        defaultKind: "INPUT_FIELD_DEFAULT_VALUE")
      compareDescription(before.description, after.description, "input-field \(coordinate)")
    }
  }

  private mutating func compareFields(_ before: TypeDefinition, _ after: TypeDefinition, _ type: String) {
    let old = old
    let new = new
    let fields = difference(
      old.fields[before.fields], new.fields[after.fields], { old.names.string($0.name) }, { new.names.string($0.name) })
    for field in fields.removed {
      report(.breaking, "FIELD_REMOVED", "Field \(type).\(old.names.string(field.name)) was removed.")
    }
    for field in fields.added {
      report(.safe, "FIELD_ADDED", "Field \(type).\(new.names.string(field.name)) was added.")
    }
    for (before, after) in fields.kept {
      let coordinate = "\(type).\(old.names.string(before.name))"
      compareArguments(before.arguments, after.arguments, coordinate)
      let from = old.describe(before.type)
      let to = new.describe(after.type)
      if !isSafeOutput(before.type, after.type) {
        report(.breaking, "FIELD_CHANGED_KIND", "Field \(coordinate) changed type from \(from) to \(to).")
      } else if from != to {
        report(.safe, "FIELD_CHANGED_KIND_SAFE", "Field \(coordinate) changed type from \(from) to \(to).")
      }
      compareDescription(before.description, after.description, "field \(coordinate)")
    }
  }

  private mutating func compareArguments(_ before: Range<Int>, _ after: Range<Int>, _ field: String) {
    let old = old
    let new = new
    let arguments = difference(
      old.inputValues[before], new.inputValues[after], { old.names.string($0.name) }, { new.names.string($0.name) })
    for argument in arguments.removed {
      report(.breaking, "ARG_REMOVED", "Argument \(field)(\(old.names.string(argument.name)):) was removed.")
    }
    for (before, after) in arguments.kept {
      let name = old.names.string(before.name)
      let coordinate = "\(field)(\(name):)"
      compareInput(
        before, after, coordinate, change: "Argument \(coordinate) has changed type", kind: "ARG_CHANGED_KIND",
        defaultKind: "ARG_DEFAULT_VALUE")
      compareDescription(before.description, after.description, "argument \(field)(\(name))")
    }
    for argument in arguments.added {
      let coordinate = "\(field)(\(new.names.string(argument.name)):)"
      if argument.isRequired {
        report(.breaking, "REQUIRED_ARG_ADDED", "A required argument \(coordinate) was added.")
      } else {
        report(.dangerous, "OPTIONAL_ARG_ADDED", "An optional argument \(coordinate) was added.")
      }
    }
  }

  private mutating func compareInput(
    _ before: InputValueDefinition, _ after: InputValueDefinition, _ coordinate: String, change: String, kind: String,
    defaultKind: String
  ) {
    let from = old.describe(before.type)
    let to = new.describe(after.type)
    let oldDefault = Self.defaultText(old, before)
    let newDefault = Self.defaultText(new, after)
    if !isSafeInput(before.type, after.type) {
      report(.breaking, kind, "\(change) from \(from) to \(to).")
    } else if let oldDefault {
      if let newDefault {
        if oldDefault != newDefault {
          report(
            .dangerous, defaultKind + "_CHANGE",
            "\(coordinate) has changed defaultValue from \(oldDefault) to \(newDefault).")
        }
      } else {
        report(.dangerous, defaultKind + "_CHANGE", "\(coordinate) defaultValue was removed.")
      }
    } else if let newDefault {
      report(.safe, defaultKind + "_ADDED", "\(coordinate) added a defaultValue \(newDefault).")
    } else if from != to {
      report(.safe, kind + "_SAFE", "\(change) from \(from) to \(to).")
    }
  }

  /// The default value with fields of objects in order, so that order alone is no change.
  private static func defaultText(_ schema: Schema, _ value: InputValueDefinition) -> String? {
    value.defaultLiteral.isNone ? nil : sorted(schema.document(of: value), value.defaultLiteral)
  }

  private static func sorted(_ document: Document, _ node: NodeID) -> String {
    switch document[node].kind {
    case .listValue:
      return "[" + document.list(document[node].children).map { sorted(document, $0) }.joined(separator: ", ") + "]"
    case .objectValue:
      let fields = document.list(document[node].children).sorted {
        NaturalOrder.precedes(document.name($0), document.name($1))
      }
      return "{ "
        + fields.map { "\(document.name($0)): \(sorted(document, document[$0].value))" }.joined(separator: ", ")
        + " }"
    default: return Printer.print(document, node)
    }
  }

  private func isSafeOutput(_ before: TypeReference, _ after: TypeReference) -> Bool {
    if before.isNonNull { return after.isNonNull && isSafeOutput(before.ofType, after.ofType) }
    if after.isNonNull { return isSafeOutput(before, after.ofType) }
    if before.isList { return after.isList && isSafeOutput(before.ofType, after.ofType) }
    return after.isNamed && old.name(before.named) == new.name(after.named)
  }

  private func isSafeInput(_ before: TypeReference, _ after: TypeReference) -> Bool {
    if before.isNonNull { return isSafeInput(before.ofType, after.isNonNull ? after.ofType : after) }
    if before.isList { return after.isList && isSafeInput(before.ofType, after.ofType) }
    return after.isNamed && old.name(before.named) == new.name(after.named)
  }

  // MARK: Directives

  mutating func compareDirectives() {
    let old = old
    let new = new
    let directives = difference(
      old.directives, new.directives, { old.names.string($0.name) }, { new.names.string($0.name) })
    for directive in directives.removed {
      report(.breaking, "DIRECTIVE_REMOVED", "Directive @\(old.names.string(directive.name)) was removed.")
    }
    for directive in directives.added {
      report(.safe, "DIRECTIVE_ADDED", "Directive @\(new.names.string(directive.name)) was added.")
    }
    for (before, after) in directives.kept { compareDirective(before, after) }
  }

  private mutating func compareDirective(_ before: DirectiveDefinition, _ after: DirectiveDefinition) {
    let old = old
    let new = new
    let name = "@" + old.names.string(before.name)
    let arguments = difference(
      old.inputValues[before.arguments], new.inputValues[after.arguments], { old.names.string($0.name) },
      { new.names.string($0.name) })
    for argument in arguments.added {
      let coordinate = "\(name)(\(new.names.string(argument.name)):)"
      if argument.isRequired {
        report(.breaking, "REQUIRED_DIRECTIVE_ARG_ADDED", "A required argument \(coordinate) was added.")
      } else {
        report(.safe, "OPTIONAL_DIRECTIVE_ARG_ADDED", "An optional argument \(coordinate) was added.")
      }
    }
    for argument in arguments.removed {
      report(.breaking, "DIRECTIVE_ARG_REMOVED", "Argument \(name)(\(old.names.string(argument.name)):) was removed.")
    }
    for (before, after) in arguments.kept {
      let coordinate = "\(name)(\(old.names.string(before.name)):)"
      compareInput(
        before, after, coordinate, change: "Argument \(coordinate) has changed type", kind: "ARG_CHANGED_KIND",
        defaultKind: "ARG_DEFAULT_VALUE")
      compareDescription(before.description, after.description, "\(name)(\(name.dropFirst()))")
    }
    if before.isRepeatable && !after.isRepeatable {
      report(.breaking, "DIRECTIVE_REPEATABLE_REMOVED", "Repeatable flag was removed from \(name).")
    } else if after.isRepeatable && !before.isRepeatable {
      report(.safe, "DIRECTIVE_REPEATABLE_ADDED", "Repeatable flag was added to \(name).")
    }
    compareDescription(before.description, after.description, name)
    for location in before.locations where !after.locations.contains(location) {
      report(.breaking, "DIRECTIVE_LOCATION_REMOVED", "\(location.name) was removed from \(name).")
    }
    for location in after.locations where !before.locations.contains(location) {
      report(.safe, "DIRECTIVE_LOCATION_ADDED", "\(location.name) was added to \(name).")
    }
  }
}
