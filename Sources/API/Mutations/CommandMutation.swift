import Millrace
import WorkflowEngine

/// A mutation that is carried out as a command on a case family.
struct CommandMutation: Sendable {
  /// Makes the command of an input, and says under which mutation's name it is told of, when it is not its own.
  typealias Making = @Sendable (MutationInput, APIContext) throws -> (command: Command, sender: Operation?)

  /// What the payload shows.
  enum Subject: Sendable {
    case `case`, workItem
  }

  let subject: Subject
  let make: Making

  init(_ subject: Subject, _ make: @escaping Making) {
    self.subject = subject
    self.make = make
  }
}
