import Foundation

/// Files of this test process, all in one directory that is removed when the process has ended.
public enum TestFiles {
  static let root = "\(NSTemporaryDirectory())millrace-test-\(getpid())-\(UUID().uuidString.prefix(8))"

  /// A new directory that other users may pass through, as the cluster's does.
  public static func directory(_ name: String) throws -> String {
    try TestReaper.start()
    let path = "\(root)/\(name)-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    return path
  }
}
