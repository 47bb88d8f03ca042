import Glibc

/// What the embedded cluster needs of the file system.
enum Paths {
  static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    return "\(String(cString: current))/\(path)"
  }

  static func exists(_ path: String) -> Bool {
    access(path, F_OK) == 0
  }

  /// Makes a directory with those above it that are missing.
  static func makeDirectory(_ path: String, mode: mode_t) throws {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/\(part)"
      if exists(made) { continue }
      let isLast = made == path
      guard mkdir(made, isLast ? mode : 0o755) == 0 || errno == EEXIST else {
        throw EmbeddedCluster.Failure("The directory \(made) cannot be made: \(String(cString: strerror(errno))).")
      }
    }
  }

  /// The first directory above `path` that this user may not pass through; nil when there is none.
  static func firstUnsearchable(above path: String, user: UInt32, group: UInt32) -> String? {
    var checked = ""
    for part in path.split(separator: "/").dropLast() {
      checked += "/\(part)"
      var status = stat()
      guard stat(checked, &status) == 0 else { return checked }
      let bit: mode_t = status.st_uid == user ? 0o100 : status.st_gid == group ? 0o010 : 0o001
      if status.st_mode & bit == 0 { return checked }
    }
    return nil
  }

  /// The number on a file's first line.
  static func leadingNumber(_ path: String) -> pid_t? {
    contents(path).flatMap { text in pid_t(text.prefix { $0.isNumber }) }
  }

  static func commandLine(of pid: pid_t) -> String {
    contents("/proc/\(pid)/cmdline") ?? ""
  }

  private static func contents(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 8_192)
    let count = read(descriptor, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer.prefix(count), as: UTF8.self)
  }
}
