import API
import BenchmarkSupport
import EventLoop
import GraphQL
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

// What `completeWorkItem` pays for what nobody asked for, in turns, in one process against one database of its own: the
// event log and the outbox where there is no hook, and receivers where there is none for its events. Prints the rates and
// how they compare; exits with 1 when less than 0.90 of the throughput is left with event log and outbox, or when receivers
// of other events take more than 0.05 of this process's time.

let rounds = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 80 : 80
let perRound = 200
let clients = 8

/// What rounds of one variant came to.
struct Rates {
  var items = 0
  /// Completions a second, of each round.
  var rounds: [Double] = []
  /// Processor time in seconds, of this process and of Postgres.
  var processor = 0.0
  var postgres = 0.0

  /// Of the round in the middle: what others do on the machine spoils some rounds.
  var rate: Double { rounds.sorted()[rounds.count / 2] }
  func microseconds(_ time: Double) -> Int { Int(time / Double(items) * 1e6) }
}

func define(_ service: CaseService) async throws {
  let editor = CaseService.Editor(caller: Caller(), language: "en")
  for slug in ["a", "b"] {
    try await service.saveTask(DefinitionStore.TaskInput(slug: slug, type: .simple, name: slug), by: editor)
  }
  try await service.saveWorkflow(
    DefinitionStore.WorkflowInput(slug: "w", name: "W", startTasks: ["a"]), by: editor)
  try await service.addFlow(
    CaseService.FlowInput(workflow: "w", tasks: ["a"], next: "'b'|task", redoable: nil), by: editor)
}

let document = ContiguousArray(
  "mutation ($id: ID!) { completeWorkItem(input: {id: $id}) { workItem { id status } } }".utf8)

/// Completes a work item as a client does.
func complete(_ item: UUID128, _ service: GraphQLService) async -> String {
  var variables = ValueObject()
  variables["id"] = .string("\(item)")
  let request = GraphQLRequest(query: document, variables: variables, caller: Caller(user: "bob"))
  let response = await withCheckedContinuation { continuation in
    if let response = service.answer(request, later: { continuation.resume(returning: $0) }) {
      continuation.resume(returning: response)
    }
  }
  return String(decoding: response.body, as: UTF8.self)
}

struct Failure: Error {
  let description: String
}

/// Completes a work item in each of some new cases, several at a time.
func measure(
  _ service: GraphQLService, _ own: BenchmarkDatabase
) async throws -> Rates {
  let database = own.database
  for _ in 0..<perRound {
    _ = try await service.service.run(
      CaseService.Request(command: .startCase(StartCase(workflow: "w")), caller: Caller(user: "ann")))
  }
  let rows = try await database.query("select id from work_items where task = 'a' and status = 'ready'")
  let items = (0..<rows.count).map { rows.uuid($0, 0) }
  let (begun, used, usedThere) = (now(), processorTime(), own.processorTime())
  try await withThrowingTaskGroup(of: Void.self) { group in
    for client in 0..<clients {
      group.addTask(executorPreference: database.loop) {
        for place in stride(from: client, to: items.count, by: clients) {
          let answer = await complete(items[place], service)
          guard answer.contains("COMPLETED") else { throw Failure(description: answer) }
        }
      }
    }
    try await group.waitForAll()
  }
  return Rates(
    items: items.count, rounds: [Double(items.count) / (now() - begun)], processor: processorTime() - used,
    postgres: own.processorTime() - usedThere)
}

func run(_ own: BenchmarkDatabase) async throws -> Int32 {
  let database = own.database
  let variants = try variants(database)
  try await define(variants[0].service.service)
  // As autovacuum does within a minute: plans made for empty tables read all of them.
  for _ in 0..<2 { for variant in variants { _ = try await measure(variant.service, own) } }
  _ = try await database.transaction { try await $0.query("analyze") }
  var rates = [Rates](repeating: Rates(), count: variants.count)
  for round in 0..<rounds {
    // Who goes first takes turns, too: tables grow.
    for offset in variants.indices {
      let place = (round + offset) % variants.count
      rates[place].add(try await measure(variants[place].service, own))
    }
  }
  print("completeWorkItem, \(clients) at a time, \(rates[0].items) each, in turns:")
  for (variant, rate) in zip(variants, rates) {
    let name = variant.name + String(repeating: " ", count: 42 - variant.name.count)
    print(
      "  \(name) \(Int(rate.rate))/s; each \(rate.microseconds(rate.processor)) µs of this process and \(rate.microseconds(rate.postgres)) of Postgres")
  }
  let log = rates[1].rate / rates[0].rate
  let time = rates[2].processor / rates[1].processor
  print("  left of the throughput with event log and outbox: \(rounded(log))")
  print("  time of this process with receivers of other events: \(rounded(time)) of that without")
  return log >= 0.9 && time <= 1.05 ? 0 : 1
}

struct Variant {
  let name: String
  let service: GraphQLService
}

/// The first two and the second two are to be compared.
func variants(_ database: Database) throws -> [Variant] {
  let schema = try APISchema()
  func service(_ receivers: ReceiverRegistry = ReceiverRegistry()) -> GraphQLService {
    GraphQLService(
      schema: schema, database: database, receivers: ReceiverTable(receivers), settings: APISettings(), logger: .silent)
  }
  let bare = service()
  bare.service.writesLog = false
  // A thousand receivers, and none for what happens here.
  var others = ReceiverRegistry()
  for _ in 0..<1_000 { others.on(.postSuspendCase) { _, _ in } }
  var one = ReceiverRegistry()
  one.on(.postCompleteWorkItem) { _, _ in }
  return [
    Variant(name: "without event log and outbox", service: bare),
    Variant(name: "with them, no hook", service: service()),
    Variant(name: "and 1000 receivers of other events", service: service(others)),
    Variant(name: "and a receiver of this one", service: service(one)),
  ]
}

func rounded(_ number: Double) -> Double { (number * 1_000).rounded() / 1_000 }

extension Rates {
  mutating func add(_ other: Rates) {
    items += other.items
    rounds += other.rounds
    processor += other.processor
    postgres += other.postgres
  }
}

try BenchmarkDatabase.run("hook") { try await run($0) }
