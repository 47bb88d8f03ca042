/// What files may come with a request.
struct UploadSettings: Sendable {
  /// Files of one request; 0 for none at all.
  var maximumUploads = 10
  /// Bytes of one file.
  var maximumBytes = 10 << 20
  /// Where they are while the request runs.
  var directory = "/tmp"
}
