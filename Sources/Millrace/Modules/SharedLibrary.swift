import Glibc

/// A shared library with a module. It is never unloaded: its receivers may be running.
enum SharedLibrary {
  /// Whether a name in `EVENT_RECEIVER_MODULES` is a library's path.
  static func isPath(_ name: String) -> Bool { name.hasSuffix(".so") || name.contains("/") }

  /// Loads the library and answers its module.
  ///
  /// - Throws: the path and why the library cannot be used.
  static func module(at path: String) throws(ModuleList.Failure) -> any MillraceModule.Type {
    // Without a slash dlopen would search the system's folders.
    let place = path.contains("/") ? path : "./\(path)"
    guard let library = dlopen(place, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? "unknown"
      throw failure(
        path,
        reason.contains("undefined symbol")
          ? "was built against another version of Millrace, or with another compiler; build it again (\(reason))"
          : "cannot be loaded: \(reason)")
    }
    guard let api = dlsym(library, "millrace_module_api"), let entry = dlsym(library, "millrace_module") else {
      throw failure(path, "is no Millrace module: it does not export millrace_module_api and millrace_module")
    }
    let found = unsafeBitCast(api, to: (@convention(c) () -> UInt64).self)()
    let own = ModuleAPI.fingerprint()
    guard found == own else {
      throw failure(
        path,
        "was built against another version of Millrace, or with another compiler; "
          + "build it again (its API is \(String(found, radix: 16)), the server's \(String(own, radix: 16)))"
      )
    }
    guard let box = unsafeBitCast(entry, to: (@convention(c) () -> UnsafeMutableRawPointer?).self)() else {
      throw failure(path, "returned no module")
    }
    return Unmanaged<ModuleBox>.fromOpaque(box).takeRetainedValue().module
  }

  private static func failure(_ path: String, _ reason: String) -> ModuleList.Failure {
    ModuleList.Failure(description: "The module \(path) \(reason).")
  }
}
