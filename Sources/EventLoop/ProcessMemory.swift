import CLoop

/// The memory of this process.
public enum ProcessMemory {
  /// Hands back what only the start needed: pages of the program and its libraries come from the page cache when they
  /// are needed again, and do not count until then. An unoptimised build keeps them, because a debugger's breakpoints
  /// are in them.
  public static func release() {
    #if !DEBUG
      millrace_release_memory()
    #endif
  }
}
