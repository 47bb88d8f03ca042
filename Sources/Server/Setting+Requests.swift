import API
import GraphQL
import WorkflowEngine

extension Setting {
  /// What requests may be and how they are answered.
  static let requests: [Setting] = [
    choice(
      "MILLRACE_STATUS_PROFILE", "--status-profile", "compatible",
      "Statuses of GraphQL errors: those that deployed clients expect, or those of the draft of August 2026."
    ) { $1.statusProfile = $0 },
    choice(
      "MILLRACE_CSRF_PROTECTION", "--csrf-protection", "on",
      "Refuses what pages of other origins can send without asking: "
        + "mutations, and with strict every query by GET or form."
    ) { $1.csrfProtection = $0 },
    yesOrNo(
      "MILLRACE_BATCHING", "--batching", "no", "Whether several requests may come as one JSON list."
    ) { $1.api.allowsBatches = $0 },
    Setting(
      "MILLRACE_INTROSPECTION", "--introspection", "auto, everyone, authenticated or off", "auto",
      "Who may read the schema through the API; auto means those with a token where tokens are verified, else everyone."
    ) {
      $1.introspection = APISettings.Introspection(rawValue: $0)
      return $1.introspection != nil || $0 == "auto"
    },
    Setting(
      "MILLRACE_SUGGESTIONS", "--suggestions", "auto, yes or no", "auto",
      "Whether error messages suggest names of the schema; auto means no where tokens are verified."
    ) {
      $1.suggestions = ["yes": true, "no": false][$0]
      return $1.suggestions != nil || $0 == "auto"
    },
    choice(
      "MILLRACE_DEFAULT_COMPAT", "--default-compat", "exact",
      "How joins count in new workflows that are saved without `compat`."
    ) { $1.api.defaultCompatibility = $0 },
    choice(
      "MILLRACE_FILTER_KEYS", "--filter-keys", "all",
      "Which keys of one element of `filter` apply: all, or the first in the order of the schema, as in Caluma."
    ) { $1.api.filterKeys = $0 },
    number(
      "MILLRACE_COMPRESS_FROM", "--compress-from", 0...1_073_741_824, "1024",
      "Bytes of a response from which it is compressed, with gzip or brotli; 0 for never."
    ) { $1.compressFrom = $0 },
    number(
      "MILLRACE_PERSISTED_QUERY_BYTES", "--persisted-query-bytes", 0...1_073_741_824, "8388608",
      "Bytes of documents kept for automatic persisted queries; 0 turns them off."
    ) { $1.persistedQueryBytes = $0 },
    number(
      "MILLRACE_PERSISTED_MAX_AGE", "--persisted-max-age", 0...31_536_000, "0",
      "Seconds for which a client may reuse the answer to a persisted query by GET without asking again."
    ) { $1.persistedMaxAge = $0 },
    Setting(
      "MILLRACE_TRUSTED_DOCUMENTS", "--trusted-documents", "a folder, or a manifest in JSON", "none",
      "Documents that clients may name instead of sending them; they are checked at the start."
    ) {
      $1.trustedDocuments = $0
      return !$0.isEmpty
    },
    yesOrNo(
      "MILLRACE_ONLY_TRUSTED_DOCUMENTS", "--only-trusted-documents", "no",
      "Whether every other document is refused."
    ) { $1.onlyTrustedDocuments = $0 },
  ]

  /// What files may come with requests.
  static let uploads: [Setting] = [
    number(
      "MILLRACE_MAX_UPLOADS", "--max-uploads", 0...1_000, "10", "Files that come with one request at most; 0 for none."
    ) { $1.uploads.maximumUploads = $0 },
    number(
      "MILLRACE_MAX_UPLOAD_BYTES", "--max-upload-bytes", 1...1_099_511_627_776, "10485760",
      "Bytes of such a file at most."
    ) { $1.uploads.maximumBytes = $0 },
    Setting(
      "MILLRACE_UPLOAD_DIRECTORY", "--upload-directory", "a folder", "/tmp",
      "Where the files of a request are until it is answered."
    ) {
      $1.uploads.directory = $0
      return !$0.isEmpty
    },
  ]

  static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
    _ variable: String, _ flag: String, _ fallback: String, _ meaning: String,
    apply: @escaping @Sendable (Choice, inout ServerConfiguration) -> Void
  ) -> Setting where Choice.RawValue == String {
    let names = Choice.allCases.map(\.rawValue)
    let expected = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    return Setting(variable, flag, expected, fallback, meaning) {
      guard let choice = Choice(rawValue: $0) else { return false }
      apply(choice, &$1)
      return true
    }
  }

  static func yesOrNo(
    _ variable: String, _ flag: String, _ fallback: String, _ meaning: String,
    apply: @escaping @Sendable (Bool, inout ServerConfiguration) -> Void
  ) -> Setting {
    Setting(variable, flag, "yes or no", fallback, meaning) {
      guard $0 == "yes" || $0 == "no" else { return false }
      apply($0 == "yes", &$1)
      return true
    }
  }
}
