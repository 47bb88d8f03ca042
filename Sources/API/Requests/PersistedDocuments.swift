import GraphQL
import Synchronization

/// Documents that clients may name instead of sending them: trusted ones, which were there at the start, and those
/// that clients have sent before (automatic persisted queries). One for all loops.
public final class PersistedDocuments: Sendable {
  /// A document that was found for a request.
  struct Found {
    let document: ContiguousArray<UInt8>
    /// To be kept under this digest once the document has turned out to be valid.
    var keep: String?
  }

  private let trusted: [String: ContiguousArray<UInt8>]
  private let onlyTrusted: Bool
  private let keepsAutomatic: Bool
  private let automatic: Mutex<BoundedCache<String, ContiguousArray<UInt8>>>

  /// - Parameters:
  ///   - trusted: by the ids that their owner gave them; they are found by their digests, too.
  ///   - onlyTrusted: whether every other document is refused.
  ///   - automaticBytes: room for documents that clients bring; 0 turns automatic persisted queries off.
  public init(
    trusted: [String: ContiguousArray<UInt8>] = [:], onlyTrusted: Bool = false, automaticBytes: Int = 8 << 20
  ) {
    var table = trusted
    for document in trusted.values { table[SHA256.hex(document)] = document }
    self.trusted = table
    self.onlyTrusted = onlyTrusted
    keepsAutomatic = automaticBytes > 0 && !onlyTrusted
    automatic = Mutex(BoundedCache(capacity: automaticBytes))
  }

  /// The document of a request.
  ///
  /// - Throws: `PERSISTED_QUERY_NOT_FOUND` or `PERSISTED_QUERY_NOT_SUPPORTED`, as Apollo's clients know them; that the
  ///   digest is another document's; that only trusted documents are taken.
  func find(_ request: GraphQLRequest) throws(GraphQLError) -> Found {
    if let id = request.documentID { return Found(document: try named(id)) }
    guard let hash = request.documentHash else {
      guard !onlyTrusted || trusted[SHA256.hex(request.query)] != nil else { throw Self.onlyTrustedTaken }
      return Found(document: request.query)
    }
    if request.query.isEmpty {
      if let document = trusted[hash] { return Found(document: document) }
      if keepsAutomatic, let document = automatic.withLock({ $0[hash] }) { return Found(document: document) }
      if onlyTrusted { throw Self.onlyTrustedTaken }
      // The texts are those that clients look for.
      throw keepsAutomatic
        ? GraphQLError("PersistedQueryNotFound", code: "PERSISTED_QUERY_NOT_FOUND")
        : GraphQLError("PersistedQueryNotSupported", code: "PERSISTED_QUERY_NOT_SUPPORTED")
    }
    guard SHA256.hex(request.query) == hash else {
      throw GraphQLRequest.bad("The hash of the persisted query is not that of the query.")
    }
    if onlyTrusted, trusted[hash] == nil { throw Self.onlyTrustedTaken }
    return Found(document: request.query, keep: keepsAutomatic ? hash : nil)
  }

  private func named(_ id: String) throws(GraphQLError) -> ContiguousArray<UInt8> {
    let parts = id.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let key = parts.count == 2 && parts[0] == "sha256" ? String(parts[1]).lowercased() : id
    if let document = trusted[key] { return document }
    if keepsAutomatic, SHA256.isHex(key), let document = automatic.withLock({ $0[key] }) { return document }
    throw GraphQLError("There is no document with this id.", code: "UNKNOWN_DOCUMENT")
  }

  private static let onlyTrustedTaken = GraphQLError(
    "This server takes trusted documents only.", code: "DOCUMENT_NOT_TRUSTED")

  /// Keeps a document that a client has brought.
  func keep(_ document: ContiguousArray<UInt8>, under hash: String) {
    automatic.withLock { $0.insert(document, for: hash, bytes: document.count + 256) }
  }

  /// How many documents clients have brought.
  public var automaticCount: Int { automatic.withLock { $0.count } }
}
