/// What timers are for; raw values are what the database stores.
enum TimerPurpose: String, CaseIterable {
  /// A work item waits for the moment: a timer, or a boundary.
  case fire
  /// The deadline of a work item has passed.
  case deadline
  /// A work item that was laid aside comes back.
  case unsnooze
  /// A workflow starts by the clock.
  case start
  /// A signal or message goes to somebody who waits for it.
  case signal
}
