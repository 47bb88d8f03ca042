import GraphQL
import Glibc

/// A file that came with a request. Its bytes are on the disk, where no name leads to them: they go away with the last
/// use of this object, whatever happens to the process.
public final class Upload: Sendable {
  /// As the client calls it; empty when it has no name. Never a path.
  public let filename: String
  /// What the client says the file is; nobody has looked.
  public let contentType: String?
  public let byteCount: Int
  private let descriptor: Int32

  /// - Parameter descriptor: of the file; it is owned from now on.
  public init(filename: String, contentType: String?, byteCount: Int, descriptor: Int32) {
    self.filename = filename.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? ""
    self.contentType = contentType
    self.byteCount = byteCount
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// All bytes. Blocks while the disk is read.
  ///
  /// - Throws: `UnreadableUpload`.
  public func contents() throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      while count < byteCount {
        let read = pread(descriptor, buffer.baseAddress.map { $0 + count }, byteCount - count, off_t(count))
        guard read > 0 else { throw UnreadableUpload() }
        count += read
      }
    }
  }
}

/// The disk does not give back what it took.
public struct UnreadableUpload: Error, CustomStringConvertible {
  public var description: String { "An uploaded file cannot be read." }
}

extension Upload {
  /// What stands for an upload among the variables. Nobody but the server can know it.
  static func placeholder() -> String {
    let (high, low) = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    return prefix + String(high, radix: 36) + String(low, radix: 36)
  }

  /// What the scalar `Upload` takes. Whether there is such an upload is known to the request alone.
  static func isPlaceholder(_ text: String) -> Bool { text.hasPrefix(prefix) }

  private static let prefix = "upload:"
}
