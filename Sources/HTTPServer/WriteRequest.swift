import CLibuv

/// Bytes on their way; keeps them and the connection alive until libuv is done.
final class WriteRequest {
  private let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
  private let bytes: UnsafeMutableRawBufferPointer
  private let connection: HTTPConnection

  init(_ bytes: ContiguousArray<UInt8>.SubSequence, connection: HTTPConnection) {
    self.bytes = .allocate(byteCount: bytes.count, alignment: 1)
    self.bytes.copyBytes(from: bytes)
    self.connection = connection
  }

  func start(on stream: UnsafeMutablePointer<uv_stream_t>) {
    var buffer = uv_buf_init(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
    request.pointee.data = Unmanaged.passRetained(self).toOpaque()
    let code = uv_write(request, stream, &buffer, 1) { request, status in
      guard let request, let data = request.pointee.data else { return }
      Unmanaged<WriteRequest>.fromOpaque(data).takeRetainedValue().finish(status)
    }
    if code < 0 {
      Unmanaged.passUnretained(self).release()
      finish(code)
    }
  }

  private func finish(_ status: Int32) {
    request.deallocate()
    bytes.deallocate()
    connection.writeFinished(status)
  }
}
