import Expressions
import WorkflowEngine

/// Dynamic groups and tasks of one command.
///
/// The engine evaluates expressions without waiting, but what a name stands for may have to be asked of the
/// database. So an unknown name stops the engine's step; it is resolved, and the step is taken again from where it
/// began. What is known is forgotten after each step, because the family changes.
final class DynamicNames {
  private enum Kind {
    case group, task
  }

  private struct Key: Hashable {
    let kind: Kind
    let name: String
    let task: String
    let caseID: EntityID
    let previous: EntityID?
  }

  private let table: ExtensionTable
  private var known: [Key: [String]] = [:]
  private var missing: (key: Key, scope: EvaluationScope)?

  /// Nil when nobody registers a name.
  init?(_ table: ExtensionTable) {
    guard table.hasDynamicNames else { return nil }
    self.table = table
  }

  func group(_ name: String, in scope: EvaluationScope) throws(ExpressionError) -> [String]? {
    table.dynamicGroup(name) == nil ? nil : try value(.group, name, scope)
  }

  func task(_ name: String, in scope: EvaluationScope) throws(ExpressionError) -> [String]? {
    table.dynamicTask(name) == nil ? nil : try value(.task, name, scope)
  }

  private func value(_ kind: Kind, _ name: String, _ scope: EvaluationScope) throws(ExpressionError) -> [String] {
    let key = Key(
      kind: kind, name: name, task: scope.task, caseID: scope.caseID, previous: scope.previousWorkItem)
    if let found = known[key] { return found }
    missing = (key, scope)
    throw ExpressionError(.result, "`\(name)` is not resolved yet.")
  }

  /// Whether a name stopped the step.
  var isMissing: Bool { missing != nil }

  func forget() {
    known.removeAll(keepingCapacity: true)
  }

  /// Resolves the name that stopped a step; answers false if none did.
  ///
  /// - Throws: what the extension throws.
  func resolve(context: JSON, _ database: ExtensionContext) async throws -> Bool {
    guard let (key, scope) = missing else { return false }
    missing = nil
    let function = key.kind == .group ? table.dynamicGroup(key.name) : table.dynamicTask(key.name)
    guard let function else { return false }
    known[key] = try await function(
      DynamicRequest(
        case: scope.state.case(scope.caseID), task: scope.task,
        previousWorkItem: scope.previousWorkItem.flatMap { scope.state.workItem($0) }, family: scope.state,
        user: scope.caller, context: context, database: database))
    return true
  }

  /// Takes a step, again after each name that had to be resolved.
  ///
  /// - Parameter prepare: called before an extension is asked.
  static func next<Subject, Result>(
    _ subject: inout Subject, _ names: DynamicNames?, context: JSON,
    prepare: (Subject) -> ExtensionContext, _ step: (inout Subject) throws(EngineError) -> Result
  ) async throws -> Result {
    guard let names else {
      do throws(EngineError) {
        return try step(&subject)
      } catch {
        throw MillraceError(error)
      }
    }
    while true {
      let before = subject
      let failure: EngineError
      do throws(EngineError) {
        let result = try step(&subject)
        guard names.isMissing else {
          names.forget()
          return result
        }
        // A typed node has taken the unknown name for an error of its own.
        failure = EngineError(.expression, "A name is not resolved yet.")
      } catch {
        failure = error
      }
      subject = before
      guard try await names.resolve(context: context, prepare(before)) else { throw MillraceError(failure) }
    }
  }
}
