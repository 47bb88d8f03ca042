/// The one walk over a document. It follows the document's order and calls the rules as it meets what they are about.
extension ValidationContext {
  func walk() {
    var operationCount = 0
    var firstFragments: [NameID: NodeID] = [:]
    for id in document.definitions {
      switch document[id].kind {
      case .operationDefinition: operationCount += 1
      case .fragmentDefinition:
        if let first = firstFragments[document[id].name] {
          fragmentNameUniqueness(first, id)
        } else {
          firstFragments[document[id].name] = id
        }
        fragments[document[id].name] = id
        if !document[id].variables.isNone { hasFragmentVariables = true }
      case .directiveDefinition: documentDirectives[document[id].name] = id
      default: break
      }
    }
    prepareSchemaRules()
    var nesting = FragmentNesting(self)
    var named: [NameID: NodeID] = [:]
    for id in document.definitions {
      checkBudget()
      if isAborted { return }
      if document[id].kind.isExecutable, !fragments.isEmpty, nesting.depth(of: id) > limits.maxNesting {
        abort("Validation aborted.")
        return
      }
      switch document[id].kind {
      case .operationDefinition:
        let node = document[id]
        if node.name.isNone {
          if operationCount > 1 { loneAnonymousOperation(id) }
        } else if let first = named[node.name] {
          operationNameUniqueness(first, id)
        } else {
          named[node.name] = id
        }
        walkOperation(id)
      case .fragmentDefinition: walkFragment(id)
      default:
        executableDefinitions(id)
        walkTypeSystem(id)
      }
    }
    guard schema != nil || !fragments.isEmpty else { return }
    let reach = VariableReach(self)
    for operation in operations where !isAborted && breaksVariableRules(operation, reach) {
      let reached = reachedExecutables(operation)
      origin = document[operation.node].start
      allVariableUsesDefined(operation, reached)
      allVariablesUsed(operation, reached)
      allVariableUsagesAreAllowed(operation, reached)
    }
    origin = .max
    fragmentsMustBeUsed()
    fragmentSpreadsMustNotFormCycles()
    origin = nil
    checkBudget()
    if !isAborted { fieldSelectionMerging() }
  }

  private func walkOperation(_ id: NodeID) {
    let node = document[id]
    operationTypeExistence(id)
    singleRootField(id)
    deferStreamOnRootField(id)
    deferStreamOnValidOperations(id)
    variableUniqueness(id)
    let usagesStart = usages.count
    let spreadsStart = spreads.count
    for variable in document.list(node.variables) { walkVariableDefinition(variable, .variableDefinition) }
    // Values of defaults are constant, so usages start with the directives.
    let location: DirectiveLocation =
      switch node.operation {
      case .query: .query
      case .mutation: .mutation
      case .subscription: .subscription
      }
    walkDirectives(id, location)
    walkSelectionSet(node.selectionSet, schema?.rootType(node.operation) ?? .none)
    operations.append(
      Executable(node: id, usages: usagesStart..<usages.count, spreads: spreadsStart..<spreads.count))
  }

  private func walkFragment(_ id: NodeID) {
    let node = document[id]
    let usagesStart = usages.count
    let spreadsStart = spreads.count
    for variable in document.list(node.variables) { walkVariableDefinition(variable, .fragmentVariableDefinition) }
    // Where several fragments share a name, the last is the one that is meant.
    fragmentVariables = variables(ofFragment: node.name)
    defer { fragmentVariables = [:] }
    walkType(node.typeCondition, isSDL: false)
    let type = conditionType(node.typeCondition)
    fragmentsOnCompositeTypes(id, type)
    walkDirectives(id, .fragmentDefinition)
    walkSelectionSet(node.selectionSet, type)
    allFragmentVariablesUsed(id, usages[usagesStart...])
    if fragments[node.name] == id {
      fragmentExecutables[node.name] = Executable(
        node: id, usages: usagesStart..<usages.count, spreads: spreadsStart..<spreads.count)
    }
  }

  /// The variables that a fragment defines, by name.
  func variables(ofFragment name: NameID) -> [NameID: NodeID] {
    var variables: [NameID: NodeID] = [:]
    guard hasFragmentVariables, let fragment = fragments[name] else { return variables }
    for id in document.list(document[fragment].variables) { variables[document[id].name] = id }
    return variables
  }

  private func walkVariableDefinition(_ id: NodeID, _ location: DirectiveLocation) {
    let node = document[id]
    walkType(node.type, isSDL: false)
    let type = typeReference(node.type)
    variablesAreInputTypes(id, type)
    if !node.defaultValue.isNone {
      let input = type.flatMap { type in schema.flatMap { $0.kind(type.named).isInput ? type : nil } }
      valuesOfCorrectType(node.defaultValue, input)
      walkValue(node.defaultValue, input, hasDefault: false, oneOf: .none)
    }
    walkDirectives(id, location)
  }

  func walkType(_ id: NodeID, isSDL: Bool) {
    var id = id
    while !id.isNone && document[id].kind != .namedType { id = document[id].type }
    if !id.isNone { fragmentSpreadTypeExistence(id, isSDL: isSDL) }
  }

  func walkDirectives(_ owner: NodeID, _ location: DirectiveLocation) {
    let first = document[owner].directives
    guard !first.isNone else { return }
    directivesAreUniquePerLocation(owner)
    for id in document.list(first) {
      let node = document[id]
      directivesAreDefined(id, location)
      let definition = schema?.directive(schemaName(node.name))
      deferStreamLabel(id)
      argumentUniqueness(id)
      argumentNamesOnDirective(id)
      for argument in document.list(node.arguments) {
        let known = definition.flatMap {
          schema?.argument(schema?[$0].arguments ?? 0..<0, schemaName(document[argument].name))
        }
        if let known { noDeprecatedArgument(argument, known, "@\(name(id))") }
        walkArgument(argument, known)
      }
      requiredArgumentsOnDirective(id)
    }
  }

  private func walkArgument(_ id: NodeID, _ definition: InputValueID?) {
    let value = document[id].value
    guard let schema, let definition else {
      walkValue(value, nil, hasDefault: false, oneOf: .none)
      return
    }
    let type = schema[definition].type
    let input = schema.kind(type.named).isInput ? type : nil
    valuesOfCorrectType(value, input)
    walkValue(value, input, hasDefault: !schema[definition].defaultLiteral.isNone, oneOf: .none)
  }

  /// Collects variables and checks fields of object values. Recursion is bounded by the parser's nesting limit.
  func walkValue(_ id: NodeID, _ type: TypeReference?, hasDefault: Bool, oneOf: TypeID) {
    let node = document[id]
    switch node.kind {
    case .variable:
      usages.append(
        VariableUsage(
          node: id, type: type, hasDefault: hasDefault, fragmentVariable: fragmentVariables[node.name] ?? .none,
          oneOf: oneOf))
    case .listValue:
      let list = type?.nullable
      let item = list.flatMap { $0.isList ? $0.ofType : nil }
      for child in document.list(node.children) { walkValue(child, item, hasDefault: false, oneOf: .none) }
    case .objectValue:
      inputObjectFieldUniqueness(id)
      for child in document.list(node.children) {
        let field = document[child]
        guard let schema, let type, let known = schema.inputField(type.named, schemaName(field.name)) else {
          walkValue(field.value, nil, hasDefault: false, oneOf: .none)
          continue
        }
        noDeprecatedInputField(child, known, type.named)
        let definition = schema[known]
        let isMember = type.isNamed && schema[type.named].isOneOf
        walkValue(
          field.value, schema.kind(definition.type.named).isInput ? definition.type : nil,
          hasDefault: !definition.defaultLiteral.isNone, oneOf: isMember ? type.named : .none)
      }
    case .enumValue: noDeprecatedEnumValue(id, type)
    default: break
    }
  }

  /// Recursion is bounded by the parser's nesting limit.
  private func walkSelectionSet(_ id: NodeID, _ parent: TypeID) {
    guard !id.isNone else { return }
    let parent = parent.isNone || schema?.kind(parent).isComposite != true ? TypeID.none : parent
    for selection in document.list(document[id].children) {
      if isAborted { return }
      switch document[selection].kind {
      case .field: walkField(selection, parent)
      case .fragmentSpread:
        let name = document[selection].name
        spreads.append(name)
        fragmentSpreadTargetDefined(selection)
        fragmentSpreadIsPossible(selection, parent)
        streamOnListField(selection, enclosingField, parent)
        walkFragmentArguments(selection)
        walkDirectives(selection, .fragmentSpread)
        requiredFragmentArguments(selection)
      default:
        let condition = document[selection].typeCondition
        var type = parent
        if !condition.isNone {
          walkType(condition, isSDL: false)
          type = conditionType(condition)
          inlineFragmentOnCompositeType(selection, type)
        }
        inlineFragmentIsPossible(selection, type, parent)
        streamOnListField(selection, enclosingField, parent)
        walkDirectives(selection, .inlineFragment)
        walkSelectionSet(document[selection].selectionSet, type)
      }
    }
  }

  private func walkFragmentArguments(_ spread: NodeID) {
    guard !document[spread].arguments.isNone else { return }
    let fragment = document[spread].name
    let known = variables(ofFragment: fragment)
    for argument in document.list(document[spread].arguments) {
      let definition = known[document[argument].name]
      if definition == nil, fragments[fragment] != nil { fragmentArgumentNames(argument, fragment) }
      let type = definition.flatMap { typeReference(document[$0].type) }
      let input = type.flatMap { type in schema.flatMap { $0.kind(type.named).isInput ? type : nil } }
      valuesOfCorrectType(document[argument].value, input)
      walkValue(document[argument].value, input, hasDefault: false, oneOf: .none)
    }
  }

  private func walkField(_ id: NodeID, _ parent: TypeID) {
    let node = document[id]
    let isDeep = maxIntrospectionDepth(id)
    if isDeep { isInDeepIntrospection = true }
    defer { if isDeep { isInDeepIntrospection = false } }
    guard let schema, !parent.isNone, let known = schema.selectableField(parent, schemaName(node.name)) else {
      if !parent.isNone { fieldSelections(id, parent) }
      argumentUniqueness(id)
      for argument in document.list(node.arguments) { walkArgument(argument, nil) }
      walkDirectives(id, .field)
      let outer = enclosingField
      enclosingField = .none
      walkSelectionSet(node.selectionSet, .none)
      enclosingField = outer
      return
    }
    leafFieldSelections(id, known)
    noSchemaIntrospection(id, known)
    streamOnListField(id, known, parent)
    noDeprecatedField(id, known, parent)
    argumentUniqueness(id)
    if !node.arguments.isNone {
      let arguments = schema[known].arguments
      for argument in document.list(node.arguments) {
        let definition = schema.argument(arguments, schemaName(document[argument].name))
        if let definition {
          noDeprecatedArgument(argument, definition, "\(schema.name(parent)).\(name(id))")
        } else {
          argumentNames(argument, known, parent)
        }
        walkArgument(argument, definition)
      }
    }
    walkDirectives(id, .field)
    let outer = enclosingField
    enclosingField = known
    walkSelectionSet(node.selectionSet, schema[known].type.named)
    enclosingField = outer
    requiredArguments(id, known, parent)
  }

  /// Whether any of the rules on variables has something to say about an operation.
  private func breaksVariableRules(_ operation: Executable, _ reach: VariableReach) -> Bool {
    let variables = document[operation.node].variables
    guard !usages.isEmpty else { return !variables.isNone }
    var definitions: [NameID: NodeID] = [:]
    for id in document.list(variables) { definitions[document[id].name] = id }
    var unused = Set(definitions.keys)
    for usage in reach.uses(of: operation) {
      let name = document[usage.node].name
      if usage.fragmentVariable.isNone {
        guard definitions[name] != nil else { return true }
        unused.remove(name)
      }
      if let definition = usage.fragmentVariable.isNone ? definitions[name] : usage.fragmentVariable,
        variableUsageProblem(usage, definition) != nil
      {
        return true
      }
    }
    return !unused.isEmpty
  }

  /// The operation and every fragment it reaches, each once.
  private func reachedExecutables(_ operation: Executable) -> [Executable] {
    guard !operation.spreads.isEmpty else { return [operation] }
    var reached = [operation]
    var seen = Set<NameID>()
    var index = 0
    while index < reached.count {
      for name in spreads[reached[index].spreads] where seen.insert(name).inserted {
        if let fragment = fragmentExecutables[name] { reached.append(fragment) }
      }
      index += 1
    }
    return reached
  }
}
