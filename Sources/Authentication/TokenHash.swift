import CCrypto

/// What stands for a token wherever one is kept: a cache that leaks must not leak tokens.
struct TokenHash: Hashable, Sendable {
  let bytes: [UInt8]

  init(_ token: String) {
    var digest = [UInt8](repeating: 0, count: 32)
    var token = token
    let isDone = token.withUTF8 { millrace_sha256($0.baseAddress, $0.count, &digest) }
    precondition(isDone == 1, "SHA-256 works on any bytes.")
    bytes = digest
  }
}
