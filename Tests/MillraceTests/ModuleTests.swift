import Millrace
import Testing
import WorkflowEngine

@Suite("Modules")
struct ModuleTests {
  private enum First: MillraceModule {
    static let name = "first"
    static func register(_ events: inout ReceiverRegistry) { events.on(.postCreateCase) { _, _ in } }
  }

  private enum Second: MillraceModule {
    static let name = "second"
    static func register(_ events: inout ReceiverRegistry) { events.on(.postCreateCase) { _, _ in } }
  }

  @Test("modules are taken in the order in which they are named")
  func order() throws {
    let registry = try ModuleList(linked: [First.self, Second.self]).receivers(of: ["second", "first"])
    #expect(registry.registrations.map(\.module) == ["second", "first"])
  }

  @Test("an unknown and a doubled name stop the start")
  func failures() {
    let unknown = #expect(throws: ModuleList.Failure.self) {
      try ModuleList(linked: [First.self]).receivers(of: ["third"])
    }
    #expect(unknown?.description == "There is no module third. This server has: first.")
    #expect(throws: ModuleList.Failure.self) { try ModuleList(linked: [First.self]).receivers(of: ["first", "first"]) }
    #expect(throws: ModuleList.Failure.self) { try ModuleList(linked: [First.self, First.self]).receivers(of: []) }
  }

  @Test("two functions of hooks with one name stop the start")
  func doubledFunction() {
    enum Twice: MillraceModule {
      static let name = "twice"
      static func register(_ events: inout ReceiverRegistry) {
        events.hookFunction("book") { _, _ in }
        events.hookPostComplete("book", workflow: "order") { _, _ in }
      }
    }
    let failure = #expect(throws: ModuleList.Failure.self) {
      try ModuleList(linked: [Twice.self]).receivers(of: ["twice"])
    }
    #expect(failure?.description == "Two functions of hooks are called book, in twice.")
  }

  @Test("names come as a JSON list or with commas", arguments: ["[\"a\", \"b.so\"]", "a, b.so", " a,b.so "])
  func names(setting: String) throws {
    #expect(try ModuleList.names(in: setting) == ["a", "b.so"])
  }
}
