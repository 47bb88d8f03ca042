import Glibc

/// The target that `MILLRACE_FUZZ_TARGET` names: the command line belongs to libFuzzer.
private let target: FuzzTarget = {
  let name = getenv("MILLRACE_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    fatalError("MILLRACE_FUZZ_TARGET is none of \(FuzzTarget.allCases.map(\.rawValue))")
  }
  return target
}()

/// What the driver calls for each input.
@_cdecl("millrace_fuzz_one_input")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}
