import CLibuv

/// A child of this process.
public final class ChildProcess: HandleOwner, @unchecked Sendable {  // confined to its loop's thread
  public struct Options: Sendable {
    public var executable: String
    public var arguments: [String]
    /// `NAME=value`; nil takes over this process's environment.
    public var environment: [String]?
    public var workingDirectory: String?
    /// Whose rights the child gets; nil keeps this process's.
    public var user: UInt32?
    public var group: UInt32?
    /// In a process group of its own, so that the terminal's signals do not reach it.
    public var isDetached = false
    /// Where standard output and error go; nil throws them away.
    public var outputDescriptor: Int32?

    public init(executable: String, arguments: [String]) {
      self.executable = executable
      self.arguments = arguments
    }
  }

  public struct Exit: Hashable, Sendable {
    public let status: Int64
    /// 0 when the child ended by itself.
    public let signal: Int32
  }

  private let handle = Handle<uv_process_t>()
  private let onExit: (Exit) -> Void
  public private(set) var isRunning = true
  /// Stays what it was after the child has ended.
  public private(set) var pid: Int32 = 0

  init(loop: EventLoop, _ options: Options, onExit: @escaping (Exit) -> Void) throws(EventLoopError) {
    self.onExit = onExit
    let code = Self.withCStrings([options.executable] + options.arguments) { arguments in
      Self.withCStrings(options.environment ?? []) { environment in
        Self.withOptionalCString(options.workingDirectory) { directory in
          spawn(loop, options, arguments, environment, directory)
        }
      }
    }
    if code < 0 {
      // libuv has initialised the handle even so.
      handle.close()
      throw EventLoopError(code: code, operation: "Starting \(options.executable)")
    }
    pid = uv_process_get_pid(handle.pointer)
    handle.retain(self)
  }

  private func spawn(
    _ loop: EventLoop, _ options: Options, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
    _ environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, _ directory: UnsafePointer<CChar>?
  ) -> Int32 {
    var raw = uv_process_options_t()
    raw.file = UnsafePointer(arguments[0])
    raw.args = arguments
    raw.env = options.environment == nil ? nil : environment
    raw.cwd = directory
    var flags: UInt32 = 0
    if options.isDetached { flags |= UV_PROCESS_DETACHED.rawValue }
    if let user = options.user {
      flags |= UV_PROCESS_SETUID.rawValue
      raw.uid = user
    }
    if let group = options.group {
      flags |= UV_PROCESS_SETGID.rawValue
      raw.gid = group
    }
    raw.flags = flags
    raw.exit_cb = { handle, status, signal in
      guard let handle, let child = owner(handle.pointee.data, ChildProcess.self) else { return }
      child.isRunning = false
      child.onExit(Exit(status: status, signal: signal))
      child.handle.close()
    }
    var output = uv_stdio_container_t()
    if let descriptor = options.outputDescriptor {
      output.flags = UV_INHERIT_FD
      output.data.fd = descriptor
    } else {
      output.flags = UV_IGNORE
    }
    var input = uv_stdio_container_t()
    input.flags = UV_IGNORE
    var containers = [input, output, output]
    return containers.withUnsafeMutableBufferPointer { buffer in
      raw.stdio = buffer.baseAddress
      raw.stdio_count = Int32(buffer.count)
      return uv_spawn(loop.uv, handle.pointer, &raw)
    }
  }

  /// Sends a signal; nothing happens when the child has ended.
  public func signal(_ number: Int32) {
    if isRunning { uv_process_kill(handle.pointer, number) }
  }

  /// The child lives on without anybody who waits for it.
  func loopEnds() {
    isRunning = false
    handle.close()
  }

  private static func withOptionalCString<Result>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
  ) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
  }

  /// A null-terminated array of C strings for the length of the call.
  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { text in
      let bytes = text.utf8CString
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
      bytes.withUnsafeBufferPointer { buffer in
        if let base = buffer.baseAddress { copy.initialize(from: base, count: buffer.count) }
      }
      return copy
    }
    pointers.append(nil)
    defer { for pointer in pointers { pointer?.deallocate() } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("The array has its terminator.") }
      return body(base)
    }
  }
}

extension EventLoop {
  /// Starts a child; `onExit` is called on this loop.
  public func spawn(
    _ options: ChildProcess.Options, onExit: @escaping (ChildProcess.Exit) -> Void
  ) throws(EventLoopError) -> ChildProcess {
    try ChildProcess(loop: self, options, onExit: onExit)
  }
}
