/// Checks the address of an endpoint before it is stored. Where it leads is checked when it is connected to.
public enum WebhookAddress {
  /// What is wrong with the address, as a client reads it; nil if all is well.
  public static func problem(_ url: String) -> String? {
    let rest: Substring
    if url.hasPrefix("https://") {
      rest = url.dropFirst(8)
    } else if url.hasPrefix("http://") {
      rest = url.dropFirst(7)
    } else {
      return "The url of a webhook has to begin with https:// or http://."
    }
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), url.utf8.count <= 2_048 else {
      return "The url of a webhook has to consist of at most 2048 visible ASCII characters."
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.contains("@") else {
      return "The url of a webhook must not have a user name; its messages are signed."
    }
    guard let first = authority.first, first != ":" else { return "The url of a webhook needs a host." }
    return nil
  }
}
