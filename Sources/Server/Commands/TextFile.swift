import Glibc

/// Files that commands read and write whole.
enum TextFile {
  /// A file that cannot be read or written.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// - Parameter path: `-` for standard input.
  static func read(_ path: String) throws(Failure) -> String {
    guard let file = fopen(path == "-" ? "/dev/stdin" : path, "rb") else { throw failure(path, "cannot be opened") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      bytes += chunk[..<count]
      if count < chunk.count { break }
    }
    guard ferror(file) == 0 else { throw failure(path, "cannot be read") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(description: "\(path) is not encoded in UTF-8.")
    }
    return text
  }

  /// Replaces the file as a whole: a reader sees the old text or the new one.
  static func write(_ text: String, to path: String) throws(Failure) {
    let temporary = path + ".new"
    guard let file = fopen(temporary, "wb") else { throw failure(temporary, "cannot be opened") }
    let bytes = Array(text.utf8)
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count, rename(temporary, path) == 0 else {
      let reason = failure(path, "cannot be written")
      unlink(temporary)
      throw reason
    }
  }

  /// The files that a path stands for: itself, or for a folder everything in it with one of these endings.
  static func files(_ path: String, endings: [String]) throws(Failure) -> [String] {
    var status = stat()
    guard path == "-" || stat(path, &status) == 0 else { throw failure(path, "cannot be opened") }
    guard path != "-", status.st_mode & S_IFMT == S_IFDIR else { return [path] }
    guard let folder = opendir(path) else { throw failure(path, "cannot be opened") }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    var files: [String] = []
    for name in names.sorted() where !name.hasPrefix(".") {
      let inner = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      // Links to folders are not followed: they may lead in circles.
      if lstat(inner, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        files += try self.files(inner, endings: endings)
      } else if endings.contains(where: name.hasSuffix) {
        files.append(inner)
      }
    }
    return files
  }

  private static func failure(_ path: String, _ what: String) -> Failure {
    Failure(description: "\(path) \(what): \(String(cString: strerror(errno))).")
  }
}
