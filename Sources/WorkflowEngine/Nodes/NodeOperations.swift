/// The operations that Caluma does not have.
extension Execution {
  mutating func operate(_ command: Command, _ beat: Beat) throws(EngineError) -> Step? {
    throw .state("The work item does not allow this.")
  }
}
