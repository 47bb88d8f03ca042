import Glibc

/// The address of the other side of a connection.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
  /// Four bytes of IPv4 or sixteen of IPv6, the most significant first.
  public let bytes: [UInt8]
  public let port: UInt16

  /// - Precondition: four or sixteen bytes.
  public init(bytes: [UInt8], port: UInt16) {
    precondition(bytes.count == 4 || bytes.count == 16)
    self.bytes = bytes
    self.port = port
  }

  /// Nil for what is neither an IPv4 nor an IPv6 address in text.
  public init?(_ text: String, port: UInt16 = 0) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 {
      self.init(bytes: Array(bytes.prefix(4)), port: port)
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(bytes: bytes, port: port)
    } else {
      return nil
    }
  }

  /// Nil for other families than IPv4 and IPv6.
  init?(_ address: UnsafePointer<sockaddr>, length: Int) {
    let raw = UnsafeRawPointer(address)
    switch Int32(address.pointee.sa_family) {
    case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
      let ip4 = raw.loadUnaligned(as: sockaddr_in.self)
      self.init(bytes: withUnsafeBytes(of: ip4.sin_addr) { Array($0) }, port: UInt16(bigEndian: ip4.sin_port))
    case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
      let ip6 = raw.loadUnaligned(as: sockaddr_in6.self)
      self.init(bytes: withUnsafeBytes(of: ip6.sin6_addr) { Array($0) }, port: UInt16(bigEndian: ip6.sin6_port))
    default:
      return nil
    }
  }

  public var description: String {
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count))
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return bytes.count == 4 ? "\(text):\(port)" : "[\(text)]:\(port)"
  }

  /// The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 or 6to4.
  private var embedded: ArraySlice<UInt8>? {
    guard bytes.count == 16 else { return nil }
    if bytes.starts(with: [0x20, 0x02]) { return bytes[2..<6] }
    if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B]), bytes[4..<12].allSatisfy({ $0 == 0 }) { return bytes[12...] }
    guard bytes[..<10].allSatisfy({ $0 == 0 }) else { return nil }
    let isMapped = bytes[10] == 0xFF && bytes[11] == 0xFF
    let isCompatible = bytes[10] == 0 && bytes[11] == 0 && bytes[12...].contains { $0 != 0 }
    return isMapped || isCompatible ? bytes[12...] : nil
  }

  /// Whether the address is one of the open Internet: not this machine, not a private network, not a link's own
  /// (where clouds have their metadata services), not a group's, not reserved.
  ///
  /// Source: IANA's registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890).
  public var isPublic: Bool {
    if let embedded { return Self.isPublic(Array(embedded)) }
    if bytes.count == 4 { return Self.isPublic(bytes) }
    // Global unicast is 2000::/3; what else is routed is an embedded IPv4 address, dealt with above.
    guard bytes[0] & 0xE0 == 0x20 else { return false }
    let special: [[UInt8]] = [
      [0x20, 0x01, 0x00, 0x00], [0x20, 0x01, 0x00, 0x02], [0x20, 0x01, 0x0D, 0xB8], [0x3F, 0xFF],
    ]
    return !special.contains { bytes.starts(with: $0) }
  }

  private static func isPublic(_ bytes: [UInt8]) -> Bool {
    switch (bytes[0], bytes[1], bytes[2]) {
    case (0, _, _), (10, _, _), (127, _, _), (224..., _, _): false
    case (100, 64..<128, _), (169, 254, _), (172, 16..<32, _), (192, 168, _), (198, 18...19, _): false
    case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): false
    default: true
    }
  }
}
