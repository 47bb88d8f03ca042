import API
import EventLoop
import Glibc
import Logging
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

// What the event log and the outbox cost where there is no hook: `completeWorkItem` with and without them, in turns, in
// one process against one database of its own. Prints both rates and their ratio; exits with 1 below 0.90.

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
  let full = CaseService(database: database, logger: silent)
  let bare = CaseService(database: database, logger: silent)
  bare.writesLog = false
  try await define(full)
  _ = try await measure(full, database, loop)
  _ = try await measure(bare, database, loop)
  var (with, without) = (Rates(), Rates())
  for round in 0..<rounds {
    // Who goes first takes turns, too: tables grow.
    for isFull in round.isMultiple(of: 2) ? [true, false] : [false, true] {
      let part = try await measure(isFull ? full : bare, database, loop)
      if isFull { with.add(part) } else { without.add(part) }
    }
  }
  database.close()
  await cluster.stop()
  let ratio = with.rate / without.rate
  print("completeWorkItem, \(clients) at a time, \(with.items) each, in turns:")
  print("  without event log and outbox \(Int(without.rate))/s, \(Int(without.processor / Double(without.items) * 1e6)) µs of this process each")
  print("  with them, no hook           \(Int(with.rate))/s, \(Int(with.processor / Double(with.items) * 1e6)) µs of this process each")
  print("  ratio \(Double(Int(ratio * 1_000)) / 1_000)")
  return ratio >= 0.9 ? 0 : 1
}

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
