import CEmbedded
import Postgres

/// The files of `migrations/`, which travel in the binary.
public enum EmbeddedMigrations {
  public static let all: [Migration] = (0..<millrace_migration_count).map { index in
    let file = millrace_migration(index)
    return Migration(
      name: String(cString: file.name),
      sql: String(decoding: UnsafeBufferPointer(start: file.bytes, count: file.count), as: UTF8.self))
  }
}
