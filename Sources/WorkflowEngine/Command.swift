/// What a client asks for.
public enum Command: Sendable {
  case startCase(StartCase)
  case updateCase(UpdateCase)
  case cancelCase(EntityID)
  case suspendCase(EntityID)
  case resumeCase(EntityID)
  /// - workItems: the items that become ready again.
  case reopenCase(EntityID, workItems: [EntityID])
  case completeWorkItem(EntityID)
  case skipWorkItem(EntityID)
  case cancelWorkItem(EntityID)
  case suspendWorkItem(EntityID)
  case resumeWorkItem(EntityID)
  case redoWorkItem(EntityID)
  case createWorkItem(CreateWorkItem)
  case saveWorkItem(SaveWorkItem)

  /// The mutation that this command stands for: the `sender` of its events.
  public var operation: Operation {
    switch self {
    case .startCase, .updateCase: .saveCase
    case .cancelCase: .cancelCase
    case .suspendCase: .suspendCase
    case .resumeCase: .resumeCase
    case .reopenCase: .reopenCase
    case .completeWorkItem: .completeWorkItem
    case .skipWorkItem: .skipWorkItem
    case .cancelWorkItem: .cancelWorkItem
    case .suspendWorkItem: .suspendWorkItem
    case .resumeWorkItem: .resumeWorkItem
    case .redoWorkItem: .redoWorkItem
    case .createWorkItem: .createWorkItem
    case .saveWorkItem: .saveWorkItem
    }
  }
}
