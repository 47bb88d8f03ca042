import CTestBrotli
import CZlib
import TestSupport
import Testing

@testable import Server

@Suite("Compression")
struct CompressionTests {
  @Test(
    "the client decides: brotli where it names it, gzip where it takes it, nothing otherwise",
    arguments: [
      (nil, nil), ("", nil), ("gzip", .gzip), ("br", .brotli), ("gzip, deflate, br", .brotli), ("gzip;q=0", nil),
      ("br;q=0.5, gzip;q=0.8", .gzip), ("br;q=0, gzip;q=0.1", .gzip), ("*", .gzip), ("*;q=0", nil),
      ("*, gzip;q=0", nil), ("identity", nil), ("identity, gzip;q=0.5", nil), ("identity;q=0.5, gzip", .gzip),
      ("GZIP", .gzip), ("x-gzip", .gzip), ("deflate", nil), ("gzip;q=x", nil), (";;,=,", nil),
      (String(repeating: "a,", count: 10_000) + "gzip", nil),
    ] as [(String?, Compression?)])
  func choice(header: String?, expected: Compression?) {
    #expect(Compression.choose(header) == expected)
  }

  @Test("what is compressed is smaller and comes out as it was")
  func roundTrip() throws {
    for count in [0, 1, 1_000, 3_000_000] {
      var bytes = ContiguousArray<UInt8>()
      for number in 0..<count { bytes.append(number % 7 == 0 ? 0x61 : UInt8(0x62 + number / 100 % 3)) }
      let zipped = try #require(Compression.gzip.compress(bytes))
      #expect(inflated(zipped, count) == bytes)
      let brotli = try #require(Compression.brotli.compress(bytes))
      #expect(decoded(brotli, count) == bytes)
      if count > 100 { #expect(zipped.count < count / 4 && brotli.count < count / 4) }
    }
  }

  private func inflated(_ bytes: ContiguousArray<UInt8>, _ count: Int) -> ContiguousArray<UInt8> {
    var stream = z_stream()
    #expect(inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
    defer { inflateEnd(&stream) }
    var input = bytes
    var output = ContiguousArray<UInt8>(repeating: 0, count: count + 1)
    return input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        #expect(inflate(&stream, Z_FINISH) == Z_STREAM_END)
        return ContiguousArray(output.prefix(Int(stream.total_out)))
      }
    }
  }

  private func decoded(_ bytes: ContiguousArray<UInt8>, _ count: Int) -> ContiguousArray<UInt8> {
    var output = ContiguousArray<UInt8>(repeating: 0, count: count + 1)
    var size = output.count
    let result = bytes.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        BrotliDecoderDecompress(input.count, input.baseAddress, &size, output.baseAddress)
      }
    }
    #expect(result == BROTLI_DECODER_RESULT_SUCCESS)
    return ContiguousArray(output.prefix(size))
  }

  @Test("large answers are compressed for those who ask, small ones never")
  func answers() throws {
    let server = try ServerProcess(arguments: ["--data-dir", try TestFiles.directory("zip")])
    let query =
      "{ __schema { types { name kind description fields { name description args { name description type { name kind "
        + "ofType { name kind } } } type { name kind ofType { name kind } } } inputFields { name description type { "
        + "name kind } } } } }"
    let plain = HTTPAnswer.graphql(server.port, query)
    #expect(plain.status == 200)
    #expect(plain.body.utf8.count > 65_536)
    #expect(!plain.head.contains("content-encoding"))
    for coding in ["gzip", "br"] {
      let answer = HTTPAnswer.graphql(server.port, query, fields: ["accept-encoding: \(coding)"])
      #expect(answer.head.contains("content-encoding: \(coding)"))
      #expect(answer.head.contains("vary: accept, accept-encoding"))
      let length = answer.head.split(separator: "content-length: ").last.flatMap { Int($0.prefix { $0.isNumber }) }
      #expect(length.map { $0 < plain.body.utf8.count / 4 } == true)
      let small = HTTPAnswer.graphql(server.port, "{ __typename }", fields: ["accept-encoding: \(coding)"])
      #expect(small.body == #"{"data":{"__typename":"Query"}}"#)
    }
    server.stop()
    let never = try ServerProcess(arguments: ["--data-dir", try TestFiles.directory("nozip"), "--compress-from", "0"])
    #expect(!HTTPAnswer.graphql(never.port, query, fields: ["accept-encoding: gzip"]).head.contains("content-encoding"))
    never.stop()
  }
}
