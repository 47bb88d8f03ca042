import GraphQL

/// Why a case has no outcome.
struct Crash: Error {
  let message: String
}

/// One conformance case, by kind.
enum Case {
  static func run(_ test: JSONValue) -> Result<Value, Crash> {
    do throws(Crash) {
      switch test["kind"]?.string ?? "" {
      case "parse": return .success(parse(test))
      case "validate": return .success(try validate(test))
      case "sdl": return .success(try sdl(test))
      case "schema": return .success(try schema(test))
      case "print": return .success(object(("printed", .string(SchemaPrinter.print(try schema(text(test, "source")))))))
      case "sort":
        return .success(object(("out", .string(SchemaPrinter.printSorted(try schema(text(test, "schema")))))))
      case "strip": return .success(try strip(test))
      case "execute": return .success(try execute(test))
      case "plan": return .success(try plan(test))
      case "introspection":
        return .success(object(("data", introspectionFromSchema(try schema(text(test, "schema"))))))
      case "changes": return .success(try changes(test))
      case let kind: throw Crash(message: "unknown kind \(kind)")
      }
    } catch {
      return .failure(error)
    }
  }

  static func text(_ test: JSONValue, _ name: String) -> String { test[name]?.string ?? "" }

  static func object(_ fields: (String, Value)...) -> Value {
    .object(ValueObject(fields.map { .init(name: $0.0, value: $0.1) }))
  }

  static func error(_ error: GraphQLError) -> Value {
    var fields = ValueObject()
    fields["message"] = .string(error.message)
    if !error.locations.isEmpty {
      fields["locations"] = .list(
        error.locations.map { object(("line", .int(Int64($0.line))), ("column", .int(Int64($0.column)))) })
    }
    if !error.path.isEmpty {
      fields["path"] = .list(
        error.path.map { segment in
          switch segment {
          case .key(let key): .string(key)
          case .index(let index): .int(Int64(index))
          }
        })
    }
    return .object(fields)
  }

  static func errors(_ errors: [GraphQLError]) -> Value { object(("errors", .list(errors.map(error)))) }

  static func document(_ source: String) throws(Crash) -> Document {
    do throws(GraphQLError) {
      return try Parser.parse(
        source, limits: .trusted, options: [.emptySelectionSets, .emptyDocuments, .fragmentArguments])
    } catch {
      throw Crash(message: error.message)
    }
  }

  /// The last schema that was built: cases that follow each other often share it.
  nonisolated(unsafe) private static var lastSchema: (source: String, schema: Schema)?  // one thread runs all cases

  static func schema(_ source: String) throws(Crash) -> Schema {
    if let lastSchema, lastSchema.source == source { return lastSchema.schema }
    let schema = try build(source)
    lastSchema = (source, schema)
    return schema
  }

  private static func build(_ source: String) throws(Crash) -> Schema {
    let document = try document(source)
    do throws(SchemaErrors) {
      return try Schema.build(document, assumeValid: true)
    } catch {
      throw Crash(message: error.errors.first?.message ?? "schema")
    }
  }

  private static func parse(_ test: JSONValue) -> Value {
    do throws(GraphQLError) {
      // The reference takes empty selection sets unless it is told not to; the grammar of the specification does not.
      let document = try Parser.parse(text(test, "source"), limits: .trusted, options: .emptySelectionSets)
      return object(("ok", .boolean(true)), ("printed", .string(Printer.print(document))))
    } catch {
      return object(("ok", .boolean(false)), ("error", self.error(error)))
    }
  }

  private static func rules(_ test: JSONValue, _ standard: ValidationRules) throws(Crash) -> ValidationRules {
    guard let names = test["rules"], !names.isNull else { return standard }
    var rules: [ValidationRule] = []
    for name in names.items {
      // A subclass that counts how often fragments are looked up, and finds the same.
      let known = name.string == "RuleLookingUpFragments" ? "MaxIntrospectionDepthRule" : name.string ?? ""
      guard let rule = ValidationRule(rawValue: known) else {
        throw Crash(message: "unknown rule \(name.string ?? "")")
      }
      rules.append(rule)
    }
    return ValidationRules(rules)
  }

  private static func validate(_ test: JSONValue) throws(Crash) -> Value {
    let schema = try schema(text(test, "schema"))
    let document = try document(text(test, "document"))
    return errors(GraphQL.validate(schema, document, rules: try rules(test, .specified)))
  }

  private static func sdl(_ test: JSONValue) throws(Crash) -> Value {
    let document = try document(text(test, "document"))
    var extended: Schema?
    if let source = test["extend"]?.string { extended = try schema(source) }
    return errors(validateSDL(document, extending: extended, rules: try rules(test, .schemaDocument)))
  }

  private static func execute(_ test: JSONValue) throws(Crash) -> Value {
    let schema = try schema(text(test, "schema"))
    let document = try document(text(test, "document"))
    var executor = Executor(schema: schema, document: document, outcomes: test["fields"], typeNames: test["types"])
    let data = executor.execute(operationName: test["operationName"]?.string, input: test["variables"]?.value.object)
    var result = ValueObject()
    result["data"] = data
    if !executor.errors.isEmpty { result["errors"] = .list(executor.errors.map(error)) }
    return object(("result", .object(result)), ("args", .object(executor.arguments)))
  }

  /// Executes an operation by a plan, in a world of its own.
  private static func plan(_ test: JSONValue) throws(Crash) -> Value {
    let world = World(schema: try schema(text(test, "schema")), seed: text(test, "seed"))
    let document = try document(text(test, "document"))
    switch Result(catching: { try world.run(document, test["variables"]?.value.object ?? ValueObject()) }) {
    case .success(let response): return response
    case .failure(let error): return errors((error as? RequestErrors)?.errors ?? [GraphQLError("\(error)")])
    }
  }

  private static func changes(_ test: JSONValue) throws(Crash) -> Value {
    let changes = findSchemaChanges(try schema(text(test, "old")), try schema(text(test, "new")))
    let wanted = changes.filter { change in
      switch text(test, "function") {
      case "find_breaking_changes": change.severity == .breaking
      case "find_dangerous_changes": change.severity == .dangerous
      default: true
      }
    }
    return object(("changes", .list(wanted.map { .list([.string($0.kind), .string($0.description)]) })))
  }

  private static func strip(_ test: JSONValue) throws(Crash) -> Value {
    do throws(GraphQLError) {
      return object(("out", .string(try stripIgnoredCharacters(text(test, "source")))))
    } catch {
      throw Crash(message: error.message)
    }
  }

  private static func schema(_ test: JSONValue) throws(Crash) -> Value {
    errors(validateSchema(try schema(text(test, "schema"))))
  }
}
