import CLibuv
import EventLoop
import Glibc

extension HTTPServer {
  /// Finds out whether another process listens there. Servers of one process share their port, and the kernel would let
  /// a second process share it as well: clients then got now the one, now the other.
  ///
  /// - Throws: why nobody can listen there; `EADDRINUSE` when somebody does.
  public static func checkAddressIsFree(host: String, port: UInt16) throws(EventLoopError) {
    guard port != 0 else { return }
    var address = sockaddr_storage()
    let family = try parse(host, port, into: &address)
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw EventLoopError(code: -errno, operation: "Making a socket") }
    defer { close(descriptor) }
    var on: Int32 = 1
    // As the server's own sockets: connections that ended a moment ago are in nobody's way.
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    let length = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(length)) }
    }
    guard code == 0 else { throw EventLoopError(code: -errno, operation: "Listening on \(host):\(port)") }
  }
}
