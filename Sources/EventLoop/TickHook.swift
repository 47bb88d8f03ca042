/// Something to be done at the end of every tick, before the loop blocks.
public protocol TickHook: AnyObject {
  /// Answers true when it did work; hooks are called again until none did.
  func tick() -> Bool
  /// The loop stops: handles will be closed behind the hook's back.
  func loopWillClose()
}

extension TickHook {
  public func loopWillClose() {}
}
