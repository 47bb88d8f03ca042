import API
import EventLoop
import Foundation
import Logging
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

// What `completeWorkItem` pays for what nobody asked for, in turns, in one process against one database of its own: the
// event log and the outbox where there is no hook, and receivers where there is none for its events. Prints the rates and
// how they compare; exits with 1 when less than 0.90 of the throughput is left with event log and outbox, or less than
// 0.95 with receivers of other events.

let rounds = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 10 : 10
let perRound = 500
let clients = 8

let silent = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

struct Rates {
  var items = 0
  var seconds = 0.0
  var processor = 0.0
  var rate: Double { Double(items) / seconds }
}

func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
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

/// Completes a work item in each of some new cases, several at a time.
func measure(_ service: CaseService, _ database: Database, _ loop: EventLoop) async throws -> Rates {
  for _ in 0..<perRound {
    _ = try await service.run(
      CaseService.Request(command: .startCase(StartCase(workflow: "w")), caller: Caller(user: "ann")))
  }
  let rows = try await database.query("select id from work_items where task = 'a' and status = 'ready'")
  let items = (0..<rows.count).map { EntityID(rows.uuid($0, 0)) }
  let (begun, used) = (now(), processorTime())
  try await withThrowingTaskGroup(of: Void.self) { group in
    for client in 0..<clients {
      group.addTask(executorPreference: loop) {
        for place in stride(from: client, to: items.count, by: clients) {
          _ = try await service.run(
            CaseService.Request(command: .completeWorkItem(items[place]), caller: Caller(user: "bob")))
        }
      }
    }
    try await group.waitForAll()
  }
  return Rates(items: items.count, seconds: now() - begun, processor: processorTime() - used)
}

func run(on loop: EventLoop) async throws -> Int32 {
  let directory = "/tmp/millrace-hook-benchmark-\(getpid())"
  mkdir(directory, 0o755)
  let cluster = EmbeddedCluster(directory: directory, loop: loop, logger: silent)
  try await cluster.start()
  let database = Database(
    loop: loop, configuration: DatabaseConfiguration(conninfo: cluster.conninfo), logger: silent)
  try await database.start()
  _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
  let variants = variants(database)
  try await define(variants[0].service)
  for variant in variants { _ = try await measure(variant.service, database, loop) }
  var rates = [Rates](repeating: Rates(), count: variants.count)
  for round in 0..<rounds {
    // Who goes first takes turns, too: tables grow.
    for offset in variants.indices {
      let place = (round + offset) % variants.count
      rates[place].add(try await measure(variants[place].service, database, loop))
    }
  }
  database.close()
  await cluster.stop()
  try FileManager.default.removeItem(atPath: directory)
  print("completeWorkItem, \(clients) at a time, \(rates[0].items) each, in turns:")
  for (variant, rate) in zip(variants, rates) {
    let name = variant.name + String(repeating: " ", count: 42 - variant.name.count)
    print("  \(name) \(Int(rate.rate))/s, \(Int(rate.processor / Double(rate.items) * 1e6)) µs of this process each")
  }
  let log = rates[1].rate / rates[0].rate
  let receivers = rates[2].rate / rates[1].rate
  print("  left with event log and outbox \(rounded(log)), with receivers of other events \(rounded(receivers)) of that")
  return log >= 0.9 && receivers >= 0.95 ? 0 : 1
}

struct Variant {
  let name: String
  let service: CaseService
}

/// The first two and the second two are to be compared.
func variants(_ database: Database) -> [Variant] {
  let bare = CaseService(database: database, logger: silent)
  bare.writesLog = false
  // A thousand receivers, and none for what happens here.
  var others = ReceiverRegistry()
  for _ in 0..<1_000 { others.on(.postSuspendCase) { _, _ in } }
  var one = ReceiverRegistry()
  one.on(.postCompleteWorkItem) { _, _ in }
  return [
    Variant(name: "without event log and outbox", service: bare),
    Variant(name: "with them, no hook", service: CaseService(database: database, logger: silent)),
    Variant(
      name: "and 1000 receivers of other events",
      service: CaseService(database: database, receivers: ReceiverTable(others), logger: silent)),
    Variant(
      name: "and a receiver of this one",
      service: CaseService(database: database, receivers: ReceiverTable(one), logger: silent)),
  ]
}

func rounded(_ number: Double) -> Double { (number * 1_000).rounded() / 1_000 }


extension Rates {
  mutating func add(_ other: Rates) {
    items += other.items
    seconds += other.seconds
    processor += other.processor
  }
}

let loop = try EventLoop(name: "benchmark")
loop.execute {
  loop.start {
    do {
      exit(try await run(on: loop))
    } catch {
      print(error)
      exit(2)
    }
  }
}
loop.run()
