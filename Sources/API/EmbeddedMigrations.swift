import CEmbedded
import Postgres

/// The files of `migrations/`, which travel in the binary.
public enum EmbeddedMigrations {
  public static let all: [Migration] = withUnsafePointer(to: millrace_migrations) { pointer in
    let files = UnsafeRawPointer(pointer).assumingMemoryBound(to: millrace_embedded_file.self)
    return (0..<Int(millrace_migration_count)).map { index in
      let file = files[index]
      return Migration(
        name: String(cString: file.name),
        sql: String(decoding: UnsafeBufferPointer(start: file.bytes, count: file.count), as: UTF8.self))
    }
  }
}
