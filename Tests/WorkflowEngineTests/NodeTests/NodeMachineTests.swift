import Testing
import WorkflowEngine

/// From where each type of node can be told to go on, and where that leads.
@Suite("State machines of nodes")
struct NodeMachineTests {
  private static let people: Set<TaskType> = [.simple, .completeWorkflowForm, .completeTaskForm]

  /// From where `activate` leads; what is not named begins when its turn comes, or by `activate` if that never did.
  private static let beginnings: [TaskType: Set<ActivationPhase>] = [
    .simple: [], .completeWorkflowForm: [], .completeTaskForm: [], .timer: [.scheduled], .job: [.scheduled],
    .condition: [.waiting], .join: [.waiting], .catchCall: [], .catchMessage: [], .catchSignal: [], .obsolete: [],
  ]

  @Test("activate is for what runs by itself and waits for nothing from outside", arguments: TaskType.allCases)
  func activate(type: TaskType) {
    let machine = NodeMachine(type)
    #expect(machine.sources(of: .activate) == Self.beginnings[type] ?? [.running])
    let target = machine.target(of: .activate)
    #expect(target == (Self.beginnings[type] == [] ? nil : type == .job ? .scheduled : .done))
  }

  @Test("prepare is for people, and leaves the item as new or assigned as it is", arguments: TaskType.allCases)
  func prepare(type: TaskType) {
    let machine = NodeMachine(type)
    #expect(machine.sources(of: .prepare) == (Self.people.contains(type) ? [.new, .assigned] : []))
    #expect(machine.sources(of: .prepare) == machine.sources(of: .start))
  }

  @Test("activateNext is for what is done and takes its ways then", arguments: TaskType.allCases)
  func activateNext(type: TaskType) {
    let machine = NodeMachine(type)
    let has = type != .obsolete && type != .splitFirst
    #expect(machine.sources(of: .activateNext) == (has ? [.done] : []))
    #expect(machine.target(of: .activateNext) == (has ? .done : nil))
  }

  @Test("no transition leads from where an item was revived, or to one that its type does not have", arguments: TaskType.allCases)
  func closed(type: TaskType) {
    let machine = NodeMachine(type)
    for transition in Transition.allCases {
      #expect(!machine.sources(of: transition).contains(.revived) || transition == .redo, "\(transition)")
      #expect((machine.target(of: transition) == nil) == machine.sources(of: transition).isEmpty, "\(transition)")
    }
  }
}
