/// Where a server listens, and what a client may cost it.
public struct HTTPServerConfiguration: Sendable {
  public var host = "127.0.0.1"
  /// 0 lets the system choose.
  public var port: UInt16 = 8000
  /// Bytes of a request's target. Default 8 192; answered 414.
  public var maximumTargetBytes = 8_192
  /// Bytes of a request's header fields. Default 16 384; answered 431.
  public var maximumHeaderBytes = 16_384
  /// Header fields of a request. Default 100; answered 431.
  public var maximumHeaderFields = 100
  /// Bytes of a request's body. Default 1 MB; answered 413.
  public var maximumBodyBytes = 1_048_576
  /// Connections per loop. Default 4 096; one more is answered 503 and closed.
  public var maximumConnections = 4_096
  /// Requests of one connection that may be under way. Default 16; further ones are read later.
  public var maximumPipelined = 16
  /// Milliseconds from a request's first byte to the end of its header. Default 10 000; answered 408.
  public var headerTimeout: UInt64 = 10_000
  /// Milliseconds from the end of the header to the end of the body. Default 30 000; answered 408.
  public var bodyTimeout: UInt64 = 30_000
  /// Milliseconds a connection may do nothing. Default 75 000; closed.
  public var idleTimeout: UInt64 = 75_000
  /// Milliseconds a client may take no bytes of a waiting response. Default 30 000; closed.
  public var writeTimeout: UInt64 = 30_000
  /// Milliseconds for which bytes are taken and thrown away after a request was refused before its end, so that the
  /// client gets to read why. Default 2 000.
  public var lingerTimeout: UInt64 = 2_000
  /// Response bytes a client may leave unread before its further requests are no longer read. Default 1 MB.
  public var highWaterMark = 1_048_576
  /// Bytes on their way to one client at which the writer of a stream pauses. Default 64 KB.
  public var streamHighWaterMark = 65_536
  /// Bytes on their way at which it goes on. Default 16 KB.
  public var streamLowWaterMark = 16_384
  /// Connections that wait to be accepted.
  public var backlog: Int32 = 1_024

  public init() {}
}
