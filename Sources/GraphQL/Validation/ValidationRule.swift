/// A rule of validation. Raw values are the names by which tools of other implementations know the rules.
public enum ValidationRule: String, CaseIterable, Sendable {
  case executableDefinitions = "ExecutableDefinitionsRule"
  case operationTypeExistence = "KnownOperationTypesRule"
  case operationNameUniqueness = "UniqueOperationNamesRule"
  case loneAnonymousOperation = "LoneAnonymousOperationRule"
  case singleRootField = "SingleFieldSubscriptionsRule"
  case fragmentSpreadTypeExistence = "KnownTypeNamesRule"
  case fragmentsOnCompositeTypes = "FragmentsOnCompositeTypesRule"
  case variablesAreInputTypes = "VariablesAreInputTypesRule"
  case leafFieldSelections = "ScalarLeafsRule"
  case fieldSelections = "FieldsOnCorrectTypeRule"
  case fragmentNameUniqueness = "UniqueFragmentNamesRule"
  case fragmentSpreadTargetDefined = "KnownFragmentNamesRule"
  case fragmentsMustBeUsed = "NoUnusedFragmentsRule"
  case fragmentSpreadIsPossible = "PossibleFragmentSpreadsRule"
  case fragmentSpreadsMustNotFormCycles = "NoFragmentCyclesRule"
  case variableUniqueness = "UniqueVariableNamesRule"
  case allVariableUsesDefined = "NoUndefinedVariablesRule"
  case allVariablesUsed = "NoUnusedVariablesRule"
  case directivesAreDefined = "KnownDirectivesRule"
  case directivesAreUniquePerLocation = "UniqueDirectivesPerLocationRule"
  case argumentNames = "KnownArgumentNamesRule"
  case argumentUniqueness = "UniqueArgumentNamesRule"
  case valuesOfCorrectType = "ValuesOfCorrectTypeRule"
  case requiredArguments = "ProvidedRequiredArgumentsRule"
  case allVariableUsagesAreAllowed = "VariablesInAllowedPositionRule"
  case fieldSelectionMerging = "OverlappingFieldsCanBeMergedRule"
  case inputObjectFieldUniqueness = "UniqueInputFieldNamesRule"
  // Of proposals for incremental delivery.
  case deferStreamOnRootField = "DeferStreamDirectiveOnRootField"
  case deferStreamOnValidOperations = "DeferStreamDirectiveOnValidOperationsRule"
  case deferStreamLabel = "DeferStreamDirectiveLabel"
  case streamOnListField = "StreamDirectiveOnListField"
  /// Not in the specification: bounds the lists nested in an introspection query.
  case maxIntrospectionDepth = "MaxIntrospectionDepthRule"
  /// Not in the specification: forbids introspection.
  case noSchemaIntrospection = "NoSchemaIntrospectionCustomRule"
  /// Not in the specification: reports uses of deprecated definitions.
  case noDeprecated = "NoDeprecatedCustomRule"
  // Rules of schema documents.
  case loneSchemaDefinition = "LoneSchemaDefinitionRule"
  case uniqueOperationTypes = "UniqueOperationTypesRule"
  case uniqueTypeNames = "UniqueTypeNamesRule"
  case uniqueEnumValueNames = "UniqueEnumValueNamesRule"
  case uniqueFieldDefinitionNames = "UniqueFieldDefinitionNamesRule"
  case uniqueArgumentDefinitionNames = "UniqueArgumentDefinitionNamesRule"
  case uniqueDirectiveNames = "UniqueDirectiveNamesRule"
  case possibleTypeExtensions = "PossibleTypeExtensionsRule"
  case argumentNamesOnDirectives = "KnownArgumentNamesOnDirectivesRule"
  case requiredArgumentsOnDirectives = "ProvidedRequiredArgumentsOnDirectivesRule"

  var bit: UInt64 {
    switch self {
    case .executableDefinitions: 1 << 0
    case .operationTypeExistence: 1 << 1
    case .operationNameUniqueness: 1 << 2
    case .loneAnonymousOperation: 1 << 3
    case .singleRootField: 1 << 4
    case .fragmentSpreadTypeExistence: 1 << 5
    case .fragmentsOnCompositeTypes: 1 << 6
    case .variablesAreInputTypes: 1 << 7
    case .leafFieldSelections: 1 << 8
    case .fieldSelections: 1 << 9
    case .fragmentNameUniqueness: 1 << 10
    case .fragmentSpreadTargetDefined: 1 << 11
    case .fragmentsMustBeUsed: 1 << 12
    case .fragmentSpreadIsPossible: 1 << 13
    case .fragmentSpreadsMustNotFormCycles: 1 << 14
    case .variableUniqueness: 1 << 15
    case .allVariableUsesDefined: 1 << 16
    case .allVariablesUsed: 1 << 17
    case .directivesAreDefined: 1 << 18
    case .directivesAreUniquePerLocation: 1 << 19
    case .argumentNames: 1 << 20
    case .argumentUniqueness: 1 << 21
    case .valuesOfCorrectType: 1 << 22
    case .requiredArguments: 1 << 23
    case .allVariableUsagesAreAllowed: 1 << 24
    case .fieldSelectionMerging: 1 << 25
    case .inputObjectFieldUniqueness: 1 << 26
    case .maxIntrospectionDepth: 1 << 27
    case .noSchemaIntrospection: 1 << 28
    case .noDeprecated: 1 << 29
    case .deferStreamOnRootField: 1 << 40
    case .deferStreamOnValidOperations: 1 << 41
    case .deferStreamLabel: 1 << 42
    case .streamOnListField: 1 << 43
    case .loneSchemaDefinition: 1 << 30
    case .uniqueOperationTypes: 1 << 31
    case .uniqueTypeNames: 1 << 32
    case .uniqueEnumValueNames: 1 << 33
    case .uniqueFieldDefinitionNames: 1 << 34
    case .uniqueArgumentDefinitionNames: 1 << 35
    case .uniqueDirectiveNames: 1 << 36
    case .possibleTypeExtensions: 1 << 37
    case .argumentNamesOnDirectives: 1 << 38
    case .requiredArgumentsOnDirectives: 1 << 39
    }
  }
}

/// A set of rules.
public struct ValidationRules: Sendable, Equatable {
  var bits: UInt64

  public init(_ rules: [ValidationRule]) { bits = rules.reduce(0) { $0 | $1.bit } }

  @inline(__always)
  public func contains(_ rule: ValidationRule) -> Bool { bits & rule.bit != 0 }

  /// The set with another rule.
  public func adding(_ rule: ValidationRule) -> ValidationRules {
    var result = self
    result.bits |= rule.bit
    return result
  }

  /// The set without a rule.
  public func removing(_ rule: ValidationRule) -> ValidationRules {
    var result = self
    result.bits &= ~rule.bit
    return result
  }

  /// Every rule of section 5 of the specification, the bound on introspection and the rules of incremental delivery.
  public static let specified = ValidationRules([
    .executableDefinitions, .operationTypeExistence, .operationNameUniqueness, .loneAnonymousOperation,
    .singleRootField,
    .fragmentSpreadTypeExistence, .fragmentsOnCompositeTypes, .variablesAreInputTypes, .leafFieldSelections,
    .fieldSelections, .fragmentNameUniqueness, .fragmentSpreadTargetDefined, .fragmentsMustBeUsed,
    .fragmentSpreadIsPossible, .fragmentSpreadsMustNotFormCycles, .variableUniqueness, .allVariableUsesDefined,
    .allVariablesUsed, .directivesAreDefined, .directivesAreUniquePerLocation, .argumentNames, .argumentUniqueness,
    .valuesOfCorrectType, .requiredArguments, .allVariableUsagesAreAllowed, .fieldSelectionMerging,
    .inputObjectFieldUniqueness, .maxIntrospectionDepth, .deferStreamOnRootField, .deferStreamOnValidOperations,
    .deferStreamLabel, .streamOnListField,
  ])

  /// The rules of documents that define or extend a schema.
  public static let schemaDocument = ValidationRules([
    .loneSchemaDefinition, .uniqueOperationTypes, .uniqueTypeNames, .uniqueEnumValueNames, .uniqueFieldDefinitionNames,
    .uniqueArgumentDefinitionNames, .uniqueDirectiveNames, .fragmentSpreadTypeExistence, .directivesAreDefined,
    .directivesAreUniquePerLocation, .possibleTypeExtensions, .argumentNamesOnDirectives, .argumentUniqueness,
    .inputObjectFieldUniqueness, .requiredArgumentsOnDirectives,
  ])
}
