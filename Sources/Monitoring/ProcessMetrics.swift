import CoreMetrics
import Glibc

/// What the system knows of this process, under the names that Prometheus' own libraries use.
public enum ProcessMetrics {
  /// Seconds since 1970.
  private static let began = Double(time(nil))

  /// To be called when the process begins.
  public static func start() { _ = began }

  /// Sets the gauges to what they are now.
  public static func update() {
    set("process_start_time_seconds", began)
    var usage = rusage()
    if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
      set("process_cpu_seconds_total", seconds(usage.ru_utime) + seconds(usage.ru_stime))
    }
    if let pages = number(in: "/proc/self/statm", at: 1) {
      set("process_resident_memory_bytes", Double(pages) * Double(sysconf(Int32(_SC_PAGESIZE))))
    }
    if let count = openFiles() { set("process_open_fds", Double(count)) }
  }

  private static func set(_ name: String, _ value: Double) {
    Meter(label: name).set(value)
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }

  private static func number(in path: String, at place: Int) -> Int? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 256)
    guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let words = text.split { $0 == " " || $0 == "\n" }
    return place < words.count ? Int(words[place]) : nil
  }

  private static func openFiles() -> Int? {
    guard let folder = opendir("/proc/self/fd") else { return nil }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // Itself and its parent, and the descriptor that reads them.
    return count - 3
  }
}
