import CBrotli
import CZlib

/// A content coding of responses.
///
/// Source: RFC 9110 section 8.4.1; gzip by zlib, br by Google's brotli.
enum Compression: String, Sendable {
  case gzip
  case brotli = "br"

  /// The best of what the client takes: brotli where it asks for it, if it does not like gzip better; nil for no
  /// coding.
  static func choose(_ acceptEncoding: String?) -> Compression? {
    guard let acceptEncoding else { return nil }
    let elements = WeightedHeader(acceptEncoding).elements
    func weight(_ name: String) -> Int? { elements.first { $0.value == name }?.weight }
    let rest = weight("*") ?? 0
    // Only a client that names brotli is taken to know it.
    let brotli = weight("br") ?? 0
    let gzip = weight("gzip") ?? weight("x-gzip") ?? rest
    let identity = weight("identity") ?? 0
    if brotli > 0, brotli >= gzip, brotli >= identity { return .brotli }
    return gzip > 0 && gzip >= identity ? .gzip : nil
  }

  /// Nil when the library has no room.
  func compress(_ bytes: ContiguousArray<UInt8>) -> ContiguousArray<UInt8>? {
    switch self {
    case .gzip: Self.deflated(bytes)
    case .brotli: Self.brotli(bytes)
    }
  }

  /// Answers are written once and read once: the quick half of the scale pays.
  private static let gzipLevel: Int32 = 5
  private static let brotliQuality: Int32 = 4
  private static let brotliWindow: Int32 = 20

  private static func deflated(_ bytes: ContiguousArray<UInt8>) -> ContiguousArray<UInt8>? {
    var stream = z_stream()
    // 16 more than the window's bits asks for gzip's frame.
    guard
      millrace_deflate_init(&stream, gzipLevel, 15 + 16) == Z_OK
    else { return nil }
    defer { deflateEnd(&stream) }
    let bound = Int(deflateBound(&stream, UInt(bytes.count)))
    var isComplete = false
    let output = ContiguousArray<UInt8>(unsafeUninitializedCapacity: bound) { output, count in
      bytes.withUnsafeBufferPointer { input in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(bound)
        isComplete = deflate(&stream, Z_FINISH) == Z_STREAM_END
        count = bound - Int(stream.avail_out)
      }
    }
    return isComplete ? output : nil
  }

  private static func brotli(_ bytes: ContiguousArray<UInt8>) -> ContiguousArray<UInt8>? {
    let bound = BrotliEncoderMaxCompressedSize(bytes.count)
    guard bound > 0 else { return nil }
    var isComplete = false
    let output = ContiguousArray<UInt8>(unsafeUninitializedCapacity: bound) { output, count in
      var size = bound
      isComplete = bytes.withUnsafeBufferPointer { input in
        BrotliEncoderCompress(
          brotliQuality, brotliWindow, BROTLI_MODE_TEXT, input.count, input.baseAddress, &size, output.baseAddress)
          != BROTLI_FALSE
      }
      count = isComplete ? size : 0
    }
    return isComplete ? output : nil
  }
}
