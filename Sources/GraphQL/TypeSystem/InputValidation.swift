/// Says what is wrong with an input value. Slower than coercion, and run only to word errors (spec section 5.6).
struct InputValidation {
  let schema: Schema
  /// Whether messages may suggest names.
  var suggestions = true
  /// Found errors: message, the node it is about if it is a literal, the path within the value.
  private(set) var errors: [(message: String, node: NodeID, path: [GraphQLError.PathSegment])] = []
  private var path: [GraphQLError.PathSegment] = []
  private let maxErrors: Int
  /// The last literal that was printed for a message: an object may be the subject of many.
  private var printed: (node: NodeID, text: String) = (.none, "")

  /// - Parameter maxErrors: how many errors are of use; one more is found, to tell that there are more.
  init(schema: Schema, suggestions: Bool = true, maxErrors: Int = .max - 1) {
    self.schema = schema
    self.suggestions = suggestions
    self.maxErrors = maxErrors
  }

  private var isFull: Bool { errors.count > maxErrors }

  private mutating func report(_ message: String, _ node: NodeID = .none) {
    guard !isFull else { return }
    errors.append((message, node, path))
  }

  private mutating func found(_ document: Document, _ node: NodeID) -> String {
    if printed.node != node { printed = (node, Printer.printForError(document, node)) }
    return printed.text
  }

  private mutating func within(_ segment: GraphQLError.PathSegment, _ body: (inout InputValidation) -> Void) {
    path.append(segment)
    body(&self)
    path.removeLast()
  }

  /// A path as messages show it: ` at ".a[0]"`.
  static func describe(_ path: [GraphQLError.PathSegment]) -> String {
    guard !path.isEmpty else { return "" }
    let text = path.map { segment in
      switch segment {
      case .key(let name): ".\(name)"
      case .index(let index): "[\(index)]"
      }
    }.joined()
    return " at \(text)"
  }

  private func oneOfMessage(_ type: String) -> String {
    "Within OneOf Input Object type \"\(type)\", exactly one field must be specified, and the value for that field "
      + "must be non-null."
  }

  private func suggestion(_ name: String, _ type: TypeDefinition) -> String {
    guard suggestions else { return "" }
    let names = schema.inputValues[type.inputFields].map { schema.names.string($0.name) }
    return Suggestions.didYouMean(Suggestions.closest(name, names))
  }

  // MARK: Values

  /// Checks an external value; nil stands for an absent one.
  mutating func validate(_ value: Value?, _ type: TypeReference) {
    if type.isNonNull {
      guard let value else {
        report("Expected a value of non-null type \"\(schema.describe(type))\" to be provided.")
        return
      }
      if value.isNull {
        report("Expected value of non-null type \"\(schema.describe(type))\" not to be null.")
        return
      }
      validate(value, type.ofType)
      return
    }
    guard let value, !value.isNull else { return }
    if type.isList {
      guard case .list(let items) = value else {
        validate(value, type.ofType)
        return
      }
      for (index, item) in items.enumerated() where !isFull { within(.index(index)) { $0.validate(item, type.ofType) } }
      return
    }
    guard schema.kind(type.named) == .inputObject else {
      do throws(GraphQLError) {
        _ = try schema.coerceLeaf(value, type.named, isLiteral: false, suggestions: suggestions)
      } catch {
        report(error.message)
      }
      return
    }
    validateObject(value, type.named)
  }

  private mutating func validateObject(_ value: Value, _ id: TypeID) {
    let name = schema.name(id)
    guard case .object(let object) = value else {
      report("Expected value of type \"\(name)\" to be an object, found: \(value.inspected).")
      return
    }
    let type = schema[id]
    for field in schema.inputValues[type.inputFields] {
      let fieldName = schema.names.string(field.name)
      if let given = object[fieldName] {
        within(.key(fieldName)) { $0.validate(given, field.type) }
      } else if field.isRequired {
        report(
          "Expected value of type \"\(name)\" to include required field \"\(fieldName)\", found: \(value.inspected).")
      }
    }
    var known: [ValueObject.Field] = []
    for field in object.fields where !isFull {
      if let id = schema.names.find(field.name).flatMap({ schema.inputField(id, $0) }), !id.isNone {
        known.append(field)
        continue
      }
      let suggestion = suggestion(field.name, type)
      report(
        "Expected value of type \"\(name)\" not to include unknown field \"\(field.name)\""
          + (suggestion.isEmpty ? ", found" : ".\(suggestion) Found") + ": \(value.inspected).")
    }
    guard type.isOneOf else { return }
    if known.count != 1 { report(oneOfMessage(name)) }
    if let first = known.first, first.value.isNull { within(.key(first.name)) { $0.report($0.oneOfMessage(name)) } }
  }

  // MARK: Literals

  /// Checks a literal. Without variables it is checked statically: variables are taken to fit.
  mutating func validate(_ document: Document, _ node: NodeID, _ type: TypeReference, variables: VariableValues? = nil)
  {
    let kind = document[node].kind
    if kind == .variable {
      guard let variables, type.isNonNull else { return }
      let name = document.name(node)
      if variables[name] == nil {
        report(
          "Expected variable \"$\(name)\" provided to type \"\(schema.describe(type))\" to provide a runtime value.",
          node)
      } else if variables[name] == .null {
        report(
          "Expected variable \"$\(name)\" provided to non-null type \"\(schema.describe(type))\" not to be null.", node)
      }
      return
    }
    if type.isNonNull {
      if kind == .nullValue {
        report("Expected value of non-null type \"\(schema.describe(type))\" not to be null.", node)
      } else {
        validate(document, node, type.ofType, variables: variables)
      }
      return
    }
    if kind == .nullValue { return }
    if type.isList {
      guard kind == .listValue else {
        validate(document, node, type.ofType, variables: variables)
        return
      }
      for (index, item) in document.list(document[node].children).enumerated() where !isFull {
        within(.index(index)) { $0.validate(document, item, type.ofType, variables: variables) }
      }
      return
    }
    if schema.kind(type.named) == .inputObject {
      validateObject(document, node, type.named, variables)
      return
    }
    guard let value = schema.untypedValue(document, node, variables: variables) else { return }
    // Printing costs more than checking, so the text is made only for a value that fails.
    let isPlain = schema.kind(type.named) == .enum || kind != .floatValue
    if isPlain, kind != .intValue, (try? schema.coerceLeaf(value, type.named, isLiteral: true)) != nil { return }
    do throws(GraphQLError) {
      _ = try schema.coerceLeaf(
        value, type.named, isLiteral: true,
        printed: Printer.printForError(document, node) { variables?[$0]?.inspected },
        suggestions: suggestions)
    } catch {
      report(error.message, node)
    }
  }

  private mutating func validateObject(_ document: Document, _ node: NodeID, _ id: TypeID, _ variables: VariableValues?)
  {
    let name = schema.name(id)
    guard document[node].kind == .objectValue else {
      report(
        "Expected value of type \"\(name)\" to be an object, found: \(found(document, node)).", node)
      return
    }
    let type = schema[id]
    var given: [NameID: NodeID] = [:]
    for field in document.list(document[node].children) {
      if let name = document.names.withBytes(document[field].name, { schema.names.find($0) }) {
        given[name] = document[field].value
      }
    }
    for field in schema.inputValues[type.inputFields] {
      let fieldName = schema.names.string(field.name)
      guard let value = given[field.name] else {
        if field.isRequired {
          report(
            "Expected value of type \"\(name)\" to include required field \"\(fieldName)\", "
              + "found: \(found(document, node)).", node)
        }
        continue
      }
      if let variables, document[value].kind == .variable {
        let variable = document.name(value)
        if type.isOneOf {
          if variables[variable] == nil {
            report(
              "Expected variable \"$\(variable)\" provided to field \"\(fieldName)\" for OneOf Input Object type "
                + "\"\(name)\" "
                + "to provide a runtime value.", node)
          } else if variables[variable] == .null {
            report(
              "Expected variable \"$\(variable)\" provided to field \"\(fieldName)\" for OneOf Input Object type "
                + "\"\(name)\" "
                + "not to be null.", node)
          }
        } else if variables[variable] == nil && !field.isRequired {
          continue
        }
      }
      within(.key(fieldName)) { $0.validate(document, value, field.type, variables: variables) }
    }
    var known: [NodeID] = []
    for field in document.list(document[node].children) where !isFull {
      let schemaName = document.names.withBytes(document[field].name) { schema.names.find($0) }
      if let schemaName, schema.inputField(id, schemaName) != nil {
        known.append(field)
        continue
      }
      let fieldName = document.name(field)
      let suggestion = suggestion(fieldName, type)
      report(
        "Expected value of type \"\(name)\" not to include unknown field \"\(fieldName)\""
          + (suggestion.isEmpty ? ", found" : ".\(suggestion) Found")
          + ": \(found(document, node)).", field)
    }
    guard type.isOneOf else { return }
    if known.count != 1 {
      report(oneOfMessage(name), node)
    } else if document[document[known[0]].value].kind == .nullValue {
      within(.key(document.name(known[0]))) { $0.report($0.oneOfMessage(name), node) }
    }
  }
}
