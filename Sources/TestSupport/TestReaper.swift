import Foundation

/// A shell that waits for this process to end, in whatever way, and then removes what its tests have left: servers,
/// database clusters, files.
public enum TestReaper {
  private static let script = """
    trap '' INT TERM HUP
    servers=
    while read -r line; do
      case $line in
      +*) servers="$servers ${line#+}" ;;
      -*)
        rest=
        for pid in $servers; do [ "$pid" = "${line#-}" ] || rest="$rest $pid"; done
        servers=$rest
        ;;
      esac
    done
    for pid in $servers; do
      grep -q serve "/proc/$pid/cmdline" 2>/dev/null && kill -KILL "$pid"
    done
    # Postmasters stop by themselves when their starter is gone; files are theirs until then.
    round=0
    while [ $round -lt 300 ]; do
      running=
      for file in $(find "$0" -maxdepth 5 -name postmaster.pid 2>/dev/null); do
        pid=$(head -n 1 "$file" 2>/dev/null)
        [ -n "$pid" ] && grep -q postgres "/proc/$pid/cmdline" 2>/dev/null || continue
        running=yes
        [ $round -eq 200 ] && kill -QUIT "$pid"
      done
      [ -n "$running" ] || break
      round=$((round + 1))
      sleep 0.1
    done
    rm -rf "$0"
    """

  /// The shell's end of the pipe closes with this process, killed or not.
  private static let started = Result {
    let pipe = Pipe()
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", script, TestFiles.root]
    shell.standardInput = pipe
    shell.standardOutput = FileHandle.nullDevice
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    return pipe.fileHandleForWriting
  }

  static func start() throws {
    _ = try started.get()
  }

  /// Has the process killed when this one ends.
  static func watch(_ pid: Int32) { tell("+\(pid)") }

  /// The process has ended.
  static func forget(_ pid: Int32) { tell("-\(pid)") }

  // A line is written at once, from any thread.
  private static func tell(_ line: String) {
    if case .success(let handle) = started { handle.write(Data("\(line)\n".utf8)) }
  }
}
