import Logging
import WorkflowEngine
import WorkflowStore

/// The functions and hooks of modules, gathered while the server starts.
public struct HookRegistrations: Sendable {
  public private(set) var functions: [String: HookFunction] = [:]
  /// Hooks that are saved when the server has started.
  public private(set) var hooks: [HookInput] = []
  /// The modules that gave functions their names.
  public private(set) var modules: [String: String] = [:]
  /// Names that were given twice, in words; a server does not start with one.
  private(set) var problems: [String] = []

  /// Gives a function a name that hooks can use.
  mutating func add(_ name: String, _ function: @escaping HookFunction, module: String) {
    if let other = modules.updateValue(module, forKey: name) {
      problems.append(
        "Two functions of hooks are called \(name), in \(other == module ? other : "\(other) and \(module)").")
    }
    functions[name] = function
  }

  mutating func add(_ hook: HookInput) {
    hooks.append(hook)
  }
}

extension ReceiverRegistry {
  /// Gives a function a name that hooks can use, whoever registers them.
  public mutating func hookFunction(_ name: String, _ function: @escaping HookFunction) {
    hooks.add(name, function, module: module)
  }

  /// Has the function called before a work item follows another one in a workflow. It may veto.
  ///
  /// - Parameters:
  ///   - name: of the hook and of the function.
  ///   - source: slug of the task before; nil for any.
  ///   - destination: slug of the task that follows; nil for any.
  public mutating func hookPreTransition(
    _ name: String, workflow: String, source: String? = nil, destination: String? = nil,
    _ function: @escaping HookFunction
  ) {
    register(name, .transition, .before, workflow, source, destination, function)
  }

  /// Has the function called after a work item followed another one, once, across all processes.
  public mutating func hookPostTransition(
    _ name: String, workflow: String, source: String? = nil, destination: String? = nil,
    _ function: @escaping HookFunction
  ) {
    register(name, .transition, .after, workflow, source, destination, function)
  }

  /// Has the function called before a case of the workflow finishes. It may veto.
  public mutating func hookPreComplete(_ name: String, workflow: String, _ function: @escaping HookFunction) {
    register(name, .completion, .before, workflow, nil, nil, function)
  }

  /// Has the function called after a case of the workflow finished, once, across all processes.
  public mutating func hookPostComplete(_ name: String, workflow: String, _ function: @escaping HookFunction) {
    register(name, .completion, .after, workflow, nil, nil, function)
  }

  private mutating func register(
    _ name: String, _ trigger: Hook.Trigger, _ moment: Hook.Moment, _ workflow: String, _ source: String?,
    _ destination: String?, _ function: @escaping HookFunction
  ) {
    hooks.add(name, function, module: module)
    hooks.add(
      HookInput(
        registering: name, trigger, moment, function: name, for: .class(workflow: workflow), source: source,
        destination: destination))
  }
}

extension CaseService {
  /// Saves the hooks that modules registered. One whose workflow or tasks are not there yet is passed over with a
  /// warning.
  public func saveHooks(_ registrations: HookRegistrations) async throws(MillraceError) {
    for input in registrations.hooks {
      do throws(MillraceError) {
        try await saveHook(input)
      } catch where error.code == .invalidInput {
        do throws(MillraceError) {
          // Another server that starts may have just saved the same one.
          try await saveHook(input)
        } catch where error.code == .invalidInput {
          logger.warning(
            "A module's hook cannot be registered.",
            metadata: ["hook": "\(input.name ?? "")", "reason": "\(error.message)"])
        }
      }
    }
  }
}
