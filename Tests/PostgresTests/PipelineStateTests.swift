import Testing

@testable import Postgres

@Suite("The pipeline of a connection")
struct PipelineStateTests {
  @Test("results come in the order of the commands, each ended by an empty one")
  func order() {
    var state = PipelineState()
    state.send(.prepare("s1"))
    state.send(.execute(1))
    state.send(.execute(2))
    #expect(state.needsSync)
    state.send(.sync)
    #expect(!state.needsSync)
    #expect(state.inFlight == 2)
    let action1 = state.receive(.rows)
    #expect(action1 == .none)
    let action2 = state.receive(.end)
    #expect(action2 == .none)
    let action3 = state.receive(.rows)
    #expect(action3 == .succeed(1))
    let action4 = state.receive(.end)
    #expect(action4 == .none)
    let action5 = state.receive(.rows)
    #expect(action5 == .succeed(2))
    let action6 = state.receive(.end)
    #expect(action6 == .none)
    let action7 = state.receive(.synchronised)
    #expect(action7 == .none)
    #expect(state.isIdle)
    let action8 = state.receive(.end)
    #expect(action8 == .wait)
  }

  @Test("after a failure everything up to the synchronisation point is aborted, and nothing behind it")
  func abort() {
    var state = PipelineState()
    for number in 1...3 { state.send(.execute(number)) }
    state.send(.sync)
    state.send(.execute(4))
    state.send(.sync)
    let action9 = state.receive(.failure)
    #expect(action9 == .fail(1))
    let action10 = state.receive(.end)
    #expect(action10 == .none)
    let action11 = state.receive(.aborted)
    #expect(action11 == .abort(2))
    let action12 = state.receive(.end)
    #expect(action12 == .none)
    let action13 = state.receive(.aborted)
    #expect(action13 == .abort(3))
    let action14 = state.receive(.end)
    #expect(action14 == .none)
    let action15 = state.receive(.synchronised)
    #expect(action15 == .none)
    let action16 = state.receive(.rows)
    #expect(action16 == .succeed(4))
    #expect(state.inFlight == 0)
  }

  @Test("a statement that cannot be prepared is forgotten and what used it aborted")
  func failedPreparation() {
    var state = PipelineState()
    state.send(.prepare("s1"))
    state.send(.execute(1))
    state.send(.sync)
    let action17 = state.receive(.failure)
    #expect(action17 == .forget("s1"))
    let action18 = state.receive(.end)
    #expect(action18 == .none)
    let action19 = state.receive(.aborted)
    #expect(action19 == .abort(1))
  }

  @Test("an answer that nobody waits for is an error of the connection")
  func unexpected() {
    var state = PipelineState()
    let action20 = state.receive(.rows)
    #expect(action20 == .broken)
    state.send(.execute(1))
    let action21 = state.receive(.synchronised)
    #expect(action21 == .broken)
  }

  @Test("what is lost with the connection is told, but not what was answered")
  func drop() {
    var state = PipelineState()
    state.send(.execute(1))
    state.send(.execute(2))
    state.send(.sync)
    let action22 = state.receive(.rows)
    #expect(action22 == .succeed(1))
    let action23 = state.drop()
    #expect(action23 == [2])
    #expect(state.isIdle)
  }
}
