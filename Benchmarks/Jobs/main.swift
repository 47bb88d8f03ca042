import API
import EventLoop
import Foundation
import Glibc
import Logging
import Millrace
import Postgres
import WorkflowStore

// What the queue of jobs costs: a server's worker drains no-op jobs, and pgbench drains as many rows of the same table
// with the same two statements and nothing around them, in turns, in one run against one database of its own. Prints
// both rates, the processor time per job, and the ratio; exits with 1 below 0.60, or below 5 000 jobs per second of
// processor time, Postgres's included.

let rounds = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 5 : 5
let jobs = 10_000
let batch = 200

let silent = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

struct Rates {
  var seconds = 0.0
  var processor = 0.0
  var done = 0
  var rate: Double { Double(done) / seconds }
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

/// Seconds of processor time of Postgres's processes so far.
func databaseTime(_ postmaster: Int32) -> Double {
  let children = (try? String(contentsOfFile: "/proc/\(postmaster)/task/\(postmaster)/children", encoding: .utf8)) ?? ""
  let processes = [postmaster] + children.split(separator: " ").compactMap { Int32($0) }
  return processes.reduce(0.0) { sum, process in
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return sum }
    let fields = text[end...].split(separator: " ")
    // User and system time, its own and that of children it has waited for.
    return sum + fields[12...15].reduce(0.0) { $0 + (Double($1) ?? 0) } / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
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

func bare(_ database: Database, _ conninfo: String, _ directory: String) async throws -> Rates {
  try await fill(database, "bare")
  let path = "\(directory)/bare.sql"
  try script.write(toFile: path, atomically: true, encoding: .utf8)
  let fields = conninfo.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
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

func run(on loop: EventLoop) async throws -> Int32 {
  let directory = "/tmp/millrace-job-benchmark-\(getpid())"
  mkdir(directory, 0o755)
  let cluster = EmbeddedCluster(directory: directory, loop: loop, logger: silent)
  try await cluster.start()
  var configuration = DatabaseConfiguration(conninfo: cluster.conninfo)
  configuration.transactionConnections = 9
  let database = Database(loop: loop, configuration: configuration, logger: silent)
  try await database.start()
  _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
  var settings = WorkSettings()
  settings.batch = batch
  let runtime = WorkRuntime(handlers: ["noop": { _ in }], settings: settings)
  let service = CaseService(database: database, work: runtime, logger: silent)
  let pidFile = try String(contentsOfFile: "\(directory)/postgres/postmaster.pid", encoding: .utf8)
  let postmaster = Int32(pidFile.prefix { $0 != "\n" }) ?? 0
  _ = try await drain(service, database)
  _ = try await bare(database, cluster.conninfo, directory)
  var (ours, theirs) = (Rates(), Rates())
  var (database1, database2) = (0.0, 0.0)
  for round in 0..<rounds {
    for isOurs in round.isMultiple(of: 2) ? [true, false] : [false, true] {
      let before = databaseTime(postmaster)
      if isOurs {
        ours.add(try await drain(service, database))
        database1 += databaseTime(postmaster) - before
      } else {
        theirs.add(try await bare(database, cluster.conninfo, directory))
        database2 += databaseTime(postmaster) - before
      }
    }
  }
  database.close()
  await cluster.stop()
  try? FileManager.default.removeItem(atPath: directory)
  let ratio = ours.rate / theirs.rate
  func micro(_ seconds: Double, _ rates: Rates) -> Int { Int(seconds / Double(rates.done) * 1e6) }
  let perCore = Double(ours.done) / (ours.processor + database1)
  print("\(jobs) no-op jobs, \(batch) at a time, \(rounds) rounds in turns:")
  print("  pgbench, the same two statements  \(Int(theirs.rate))/s, Postgres \(micro(database2, theirs)) µs each")
  print(
    "  a server's worker                 \(Int(ours.rate))/s, Postgres \(micro(database1, ours)) µs and the server \(micro(ours.processor, ours)) µs each"
  )
  print("  ratio \(Double(Int(ratio * 1_000)) / 1_000), \(Int(perCore)) jobs a second per core, Postgres's time included")
  return ratio >= 0.6 && perCore >= 5_000 ? 0 : 1
}

extension Rates {
  mutating func add(_ other: Rates) {
    seconds += other.seconds
    processor += other.processor
    done += other.done
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
