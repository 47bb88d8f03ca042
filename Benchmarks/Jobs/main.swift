import BenchmarkSupport
import EventLoop
import Foundation
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

// What the queue of jobs costs: a server's worker drains no-op jobs, and pgbench drains as many rows of the same table
// with the same two statements and nothing around them, in turns, in one run against one database of its own. Prints
// both rates, the processor time per job, and the ratio; exits with 1 below 0.60, or below 5 000 jobs per second of
// processor time, Postgres's included. Then it drains jobs that have a work item each, which has nothing to be compared with.

let rounds = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 5 : 5
let jobs = 10_000
let batch = 200

struct Rates {
  var seconds = 0.0
  var processor = 0.0
  var done = 0
  var rate: Double { Double(done) / seconds }
}

func fill(_ database: Database, _ handler: String) async throws {
  var parameters = Parameters()
  parameters.append(handler)
  parameters.append(Int32(jobs))
  _ = try await database.transaction { transaction in
    try await transaction.query(
      """
      insert into scheduled_work (id, kind, handler, max_attempts, due_at, created_at)
      select gen_random_uuid(), 'job', $1, 3, now(), now() from generate_series(1, $2)
      """, parameters)
  }
  _ = try await database.query("vacuum analyze scheduled_work")
}

func drain(_ service: CaseService, _ database: Database) async throws -> Rates {
  try await fill(database, "noop")
  let worker = JobWorker(service: service, name: "benchmark")
  let (begun, used) = (now(), processorTime())
  worker.start()
  while try await database.query("select exists (select 1 from scheduled_work)").bool(0, 0) {
    try await database.loop.sleep(milliseconds: 5)
  }
  let rates = Rates(seconds: now() - begun, processor: processorTime() - used, done: jobs)
  await worker.stop(graceMilliseconds: 1_000)
  return rates
}

/// The loop that the queue is measured against: claim a batch, delete it.
let script = """
  with claimed as materialized (select w.id from scheduled_work w where w.kind = 'job' and \
  w.handler = 'bare' and w.priority = 0 and w.state = 'pending' and w.due_at <= now() order by w.due_at limit \(batch) \
  for update skip locked), taken as (update scheduled_work w set fence = w.fence + 1, attempts = w.attempts + 1, \
  worker = 'bare', due_at = now() + interval '30 seconds' from claimed where w.id = claimed.id returning w.id) select \
  coalesce(array_agg(id), '{}')::text as ids from taken \\gset
  delete from scheduled_work where id = any(:ids::uuid[]);

  """

func bare(_ own: BenchmarkDatabase) async throws -> Rates {
  let database = own.database
  try await fill(database, "bare")
  let path = "\(own.directory)/bare.sql"
  try script.write(toFile: path, atomically: true, encoding: .utf8)
  let fields = own.conninfo.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
  let values = Dictionary(fields.filter { $0.count == 2 }.map { ($0[0], $0[1].filter { $0 != "'" }) }) { $1 }
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [
    "pgbench", "-n", "-M", "prepared", "-c", "1", "-t", "\(jobs / batch)", "-f", path, "-h", values["host"] ?? "",
    "-U", values["user"] ?? "millrace", values["dbname"] ?? "postgres",
  ]
  process.environment = ProcessInfo.processInfo.environment.merging(
    ["PATH": "/usr/lib/postgresql/15/bin:/usr/bin:/bin"]
  ) { $1 }
  process.standardOutput = output
  process.standardError = FileHandle.standardError
  let begun = now()
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  let whole = now() - begun
  // Without the time that pgbench takes to start.
  let rate = text.split(separator: "\n").first { $0.hasPrefix("tps = ") }
    .flatMap { Double($0.dropFirst(6).prefix { $0 != " " }) }
  let left = try await database.query("select count(*) from scheduled_work").int64(0, 0)
  guard process.terminationStatus == 0, left == 0 else {
    print("pgbench failed, \(left) rows are left: \(text)")
    exit(2)
  }
  return Rates(seconds: rate.map { Double(jobs / batch) / $0 } ?? whole, done: jobs)
}

/// Jobs that cases wait for: each has a work item, which it begins and ends, and then its case goes on to its end.
func drainItems(_ service: CaseService, _ own: BenchmarkDatabase, count: Int) async throws -> (rates: Rates, postgres: Double) {
  let database = own.database
  for _ in 0..<count { _ = try await service.run(CaseService.Request(command: .startCase(StartCase(workflow: "items")))) }
  _ = try await database.query("vacuum analyze")
  let worker = JobWorker(service: service, name: "benchmark")
  let before = own.processorTime()
  let (begun, used) = (now(), processorTime())
  worker.start()
  while try await database.query("select exists (select 1 from scheduled_work)").bool(0, 0) {
    try await database.loop.sleep(milliseconds: 10)
  }
  let rates = Rates(seconds: now() - begun, processor: processorTime() - used, done: count)
  await worker.stop(graceMilliseconds: 1_000)
  return (rates, own.processorTime() - before)
}

func measureItems(_ service: CaseService, _ own: BenchmarkDatabase) async throws {
  let editor = CaseService.Editor(caller: Caller(), language: "en")
  var job = NodeDefinition(edges: [EdgeDefinition("over")])
  job.handler = "noop"
  for (slug, type, node) in [("work", TaskType.job, job), ("over", .end, NodeDefinition())] {
    var input = DefinitionStore.TaskInput(slug: slug, type: type, name: slug)
    input.node = .given(node)
    try await service.saveTask(input, by: editor)
  }
  try await service.saveWorkflow(
    DefinitionStore.WorkflowInput(slug: "items", name: "Items", startTasks: ["work"]), by: editor)
  _ = try await drainItems(service, own, count: 500)
  let (rates, postgres) = try await drainItems(service, own, count: 5_000)
  func micro(_ seconds: Double) -> Int { Int(seconds / Double(rates.done) * 1e6) }
  print(
    "  with a work item each             \(Int(rates.rate))/s, Postgres \(micro(postgres)) µs and the server \(micro(rates.processor)) µs each"
  )
}

func run(_ own: BenchmarkDatabase) async throws -> Int32 {
  let database = own.database
  var settings = WorkSettings()
  settings.batch = batch
  let runtime = WorkRuntime(handlers: ["noop": { _ in }], settings: settings)
  let service = CaseService(database: database, work: runtime, logger: .silent)
  _ = try await drain(service, database)
  _ = try await bare(own)
  var (ours, theirs) = (Rates(), Rates())
  var (database1, database2) = (0.0, 0.0)
  for round in 0..<rounds {
    for isOurs in round.isMultiple(of: 2) ? [true, false] : [false, true] {
      let before = own.processorTime()
      if isOurs {
        ours.add(try await drain(service, database))
        database1 += own.processorTime() - before
      } else {
        theirs.add(try await bare(own))
        database2 += own.processorTime() - before
      }
    }
  }
  let ratio = ours.rate / theirs.rate
  func micro(_ seconds: Double, _ rates: Rates) -> Int { Int(seconds / Double(rates.done) * 1e6) }
  let perCore = Double(ours.done) / (ours.processor + database1)
  print("\(jobs) no-op jobs, \(batch) at a time, \(rounds) rounds in turns:")
  print("  pgbench, the same two statements  \(Int(theirs.rate))/s, Postgres \(micro(database2, theirs)) µs each")
  print(
    "  a server's worker                 \(Int(ours.rate))/s, Postgres \(micro(database1, ours)) µs and the server \(micro(ours.processor, ours)) µs each"
  )
  print("  ratio \(Double(Int(ratio * 1_000)) / 1_000), \(Int(perCore)) jobs a second per core, Postgres's time included")
  try await measureItems(service, own)
  return ratio >= 0.6 && perCore >= 5_000 ? 0 : 1
}

extension Rates {
  mutating func add(_ other: Rates) {
    seconds += other.seconds
    processor += other.processor
    done += other.done
  }
}

try BenchmarkDatabase.run("job", configure: { $0.transactionConnections = 9 }) { try await run($0) }
