import Millrace
import Webhooks

extension Setting {
  /// Jobs and timers.
  static let work: [Setting] = [
    number(
      "MILLRACE_JOB_CONCURRENCY", "--job-concurrency", 1...64, "8",
      "Jobs that run at once in this server, each with a database connection when it ends."
    ) { $1.work.concurrency = $0 },
    number(
      "MILLRACE_JOB_LEASE", "--job-lease", 100...3_600_000, "30000",
      "Milliseconds after which another server takes over a job or timer whose server is not heard of."
    ) { $1.work.lease = Int64($0) },
    number(
      "MILLRACE_JOB_ATTEMPTS", "--job-attempts", 1...1_000, "10",
      "Attempts of a job that does not say how many it has."
    ) { $1.work.maxAttempts = Int32($0) },
    number(
      "MILLRACE_JOB_BATCH", "--job-batch", 1...10_000, "200", "Jobs and timers that this server claims at a time."
    ) { $1.work.batch = $0 },
    number(
      "MILLRACE_JOB_POLL", "--job-poll", 10...3_600_000, "2000",
      "Milliseconds after which this server looks for work without being told of any."
    ) { $1.work.pollInterval = UInt64($0) },
  ]
}
