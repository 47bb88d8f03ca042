import WorkflowEngine
import WorkflowStore

extension SignalStore.Catch {
  init(_ listener: SignalListener) {
    self.init(
      id: listener.workItem, kind: listener.takesMessages ? .message : .signal, name: listener.name,
      correlation: listener.correlation, workItem: listener.workItem, caseID: listener.caseID,
      family: listener.family, task: listener.task)
  }
}

extension WorkItemFailure {
  /// What is stored of an error: never more than its own words.
  init(_ error: any Error) {
    switch error {
    case let error as NodeError: self.init(code: error.code, message: error.message)
    case let error as MillraceError: self.init(code: error.code.rawValue, message: error.message)
    default: self.init(message: "The handler failed: \(type(of: error)).")
    }
    code = String(code.prefix(100)).filter { $0 != "\0" }
    message = String(message.prefix(2_000)).filter { $0 != "\0" }
  }
}
