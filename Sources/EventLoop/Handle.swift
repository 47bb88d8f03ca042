import CLibuv

/// Memory of a libuv handle. libuv keeps a handle until its close callback ran, so the memory is freed there and
/// nowhere else; the owner only asks for the close.
final class Handle<Kind> {
  let pointer: UnsafeMutablePointer<Kind>
  private var isClosed = false

  init() {
    pointer = .allocate(capacity: 1)
    // libuv leaves `data` as it finds it, and a handle whose start failed is closed before it has an owner.
    UnsafeMutableRawPointer(pointer).initializeMemory(
      as: UInt8.self, repeating: 0, count: MemoryLayout<Kind>.size)
  }

  var base: UnsafeMutablePointer<uv_handle_t> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: uv_handle_t.self)
  }

  /// Lets callbacks find their owner, which stays alive until the handle is closed.
  func retain(_ owner: any HandleOwner) {
    base.pointee.data = Unmanaged<AnyObject>.passRetained(owner).toOpaque()
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    uv_close(base) { handle in
      guard let handle else { return }
      if let data = handle.pointee.data {
        Unmanaged<AnyObject>.fromOpaque(data).release()
      }
      UnsafeMutableRawPointer(handle).deallocate()
    }
  }
}

/// What a handle belongs to.
protocol HandleOwner: AnyObject {
  /// The loop ends: closes the handle, as if its user had, so that a later call does not touch freed memory.
  func loopEnds()
}

/// The owner of a handle, from within its callback.
func owner<Owner: AnyObject>(_ data: UnsafeMutableRawPointer?, _ type: Owner.Type) -> Owner? {
  data.map { Unmanaged<Owner>.fromOpaque($0).takeUnretainedValue() }
}
