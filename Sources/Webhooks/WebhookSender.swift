import EventLoop
import Glibc
import HTTPClient

/// Sends webhooks from a loop. Private addresses are refused when a connection is opened, so that a name that
/// points elsewhere after it was checked gains nothing.
public final class WebhookSender: @unchecked Sendable {  // confined to its loop's thread
  public struct Configuration: Sendable {
    /// Milliseconds for an attempt. Default 15 000, what Standard Webhooks recommends.
    public var timeout: UInt64 = 15_000
    /// Requests at once in all. Default 256.
    public var maximumRequests = 256
    /// Lets loopback addresses through: for development and tests.
    public var allowsLoopback = false
    public var userAgent = "millrace"

    public init() {}
  }

  public let configuration: Configuration
  private let client: HTTPClient

  /// - Precondition: called on the loop's thread.
  public init(loop: EventLoop, configuration: Configuration) throws(HTTPClientError) {
    self.configuration = configuration
    var settings = HTTPClientConfiguration()
    let allowsLoopback = configuration.allowsLoopback
    settings.connectFilter = { $0.isPublic || allowsLoopback && $0.isLoopback }
    settings.maximumConnections = configuration.maximumRequests
    // Endpoints have a limit each, which their owner keeps: those of one host must not wait for each other here.
    settings.maximumConnectionsPerHost = configuration.maximumRequests
    settings.connectTimeout = min(5_000, configuration.timeout)
    settings.userAgent = configuration.userAgent
    client = try HTTPClient(loop: loop, configuration: settings)
  }

  public func send(_ message: WebhookMessage) async -> WebhookOutcome {
    var request = HTTPClientRequest(
      "POST", message.url, headers: message.headers(timestamp: Int64(time(nil))), body: message.body,
      timeout: configuration.timeout, maximumBodyBytes: WebhookOutcome.keptBytes)
    request.truncatesBody = true
    do {
      let response = try await client.send(request)
      return WebhookOutcome(
        status: response.status, body: response.body, retryAfter: response.retryAfter(now: Int64(time(nil))))
    } catch HTTPClientError.closed {
      return .notSent
    } catch is CancellationError {
      return .notSent
    } catch {
      return .failed(message: "\(error)", status: nil, response: nil, retryAfter: nil)
    }
  }

  /// Ends what is under way.
  public func close() {
    client.close()
  }
}

extension NetworkAddress {
  /// Whether the address is this machine's own, 127.0.0.0/8 or ::1.
  fileprivate var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
  }
}
