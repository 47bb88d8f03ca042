import CLibuv
import Glibc
import Logging

/// Writes log lines to standard error, for people or for machines.
struct LineLogHandler: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  private let label: String
  private let format: ServerConfiguration.LogFormat

  init(label: String, level: Logger.Level, format: ServerConfiguration.LogFormat) {
    self.label = label
    self.logLevel = level
    self.format = format
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
    let line: String
    switch format {
    case .human:
      let details = fields.map { " \($0.key)=\(Self.plain("\($0.value)"))" }.joined()
      line = "\(Self.time()) \(event.level.rawValue.uppercased()) \(event.message)\(details)\n"
    case .json:
      let details = fields.map { ",\(Self.quoted($0.key)):\(Self.quoted("\($0.value)"))" }.joined()
      line =
        "{\"time\":\(Self.quoted(Self.time())),\"level\":\"\(event.level.rawValue)\","
          + "\"logger\":\(Self.quoted(label)),\"message\":\(Self.quoted("\(event.message)"))\(details)}\n"
    }
    // One write per line, so that lines of different threads do not mix.
    let bytes = Array(line.utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private static func time() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let seconds = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let milliseconds = String(now.tv_nsec / 1_000_000 + 1_000).dropFirst()
    return "\(seconds).\(milliseconds)Z"
  }

  /// A value with spaces or line ends is quoted, so that a line stays a line.
  private static func plain(_ text: String) -> String {
    text.contains { $0.isWhitespace || $0 == "\"" } ? quoted(text) : text
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
