import CLibuv
import Glibc

/// Who is at the other end of a socket.
enum PeerAddress {
  /// The address without its port, in the form in which people write it; empty when it cannot be had.
  static func text(of handle: UnsafePointer<uv_tcp_t>) -> String {
    var address = sockaddr_storage()
    var length = Int32(MemoryLayout<sockaddr_storage>.size)
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> Int32 in
        let code = uv_tcp_getpeername(handle, pointer, &length)
        return code < 0 ? code : uv_ip_name(pointer, &buffer, buffer.count)
      }
    }
    guard code == 0 else { return "" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
