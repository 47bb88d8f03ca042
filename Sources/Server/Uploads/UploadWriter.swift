import API
import EventLoop
import Glibc

/// Writes one upload to the disk, on the thread pool, while the request comes in. On the loop's thread.
final class UploadWriter: @unchecked Sendable {  // confined to its loop's thread
  private let loop: EventLoop
  private let filename: String
  private let contentType: String?
  private let descriptor: Int32
  private var waiting: ContiguousArray<UInt8> = []
  private var isWriting = false
  private var isComplete = false
  private var hasFailed = false
  private(set) var byteCount = 0
  /// Called when something was written, or could not be.
  var onProgress: (() -> Void)?

  /// Bytes that wait before the client is not read from for a while.
  private static let mark = 256 << 10

  /// Why there is no file.
  struct Failure: Error {
    let reason: String
  }

  /// A file that never has a name that anybody could find, and leaves nothing behind when the process dies.
  static func open(in directory: String) throws(Failure) -> Int32 {
    var template = Array("\(directory)/millrace-upload-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  /// Nil when the disk has no room for a file.
  init?(loop: EventLoop, directory: String, filename: String, contentType: String?) {
    guard let descriptor = try? Self.open(in: directory) else { return nil }
    self.descriptor = descriptor
    self.loop = loop
    self.filename = filename
    self.contentType = contentType
  }

  deinit { if descriptor >= 0, !isComplete { close(descriptor) } }

  var isReady: Bool { hasFailed || waiting.count < Self.mark }
  /// Whether everything that came is on the disk.
  var isIdle: Bool { hasFailed || !isWriting && waiting.isEmpty }

  func append(_ bytes: UnsafeRawBufferPointer) {
    byteCount += bytes.count
    waiting.append(contentsOf: bytes)
    if waiting.count >= Self.mark / 4 { write() }
  }

  /// Writes what still waits.
  func flush() { write() }

  private func write() {
    guard !isWriting, !hasFailed, !waiting.isEmpty else { return }
    isWriting = true
    let bytes = waiting
    waiting = []
    loop.start { [self] in
      let isWritten = await loop.offload { [descriptor] in Self.write(bytes, to: descriptor) }
      isWriting = false
      if !isWritten { hasFailed = true }
      write()
      onProgress?()
    }
  }

  private static func write(_ bytes: ContiguousArray<UInt8>, to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
  }

  /// The file, once all of it is on the disk; nil when the disk refused.
  func finish() -> Upload? {
    guard !hasFailed, !isComplete else { return nil }
    isComplete = true
    return Upload(filename: filename, contentType: contentType, byteCount: byteCount, descriptor: descriptor)
  }
}
