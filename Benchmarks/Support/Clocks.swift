import Foundation
import Glibc

/// Seconds on a clock that only goes forward.
public func now() -> Double { seconds(CLOCK_MONOTONIC) }

/// Seconds of processor time that this process has used.
public func processorTime() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

private func seconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
