import HTTPClient
import Testing

@Suite("Network addresses")
struct NetworkAddressTests {
  @Test(
    "addresses of this machine, of private networks, of a link and of groups are not public, however they are written",
    arguments: [
      "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
      "100.64.0.1",
      "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1", "255.255.255.255", "::",
      "::1",
      "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
      "64:ff9b::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::", "2001:db8::1", "2001::1", "64:ff9b:1::1",
    ])
  func special(text: String) throws {
    #expect(try #require(NetworkAddress(text)).isPublic == false)
  }

  @Test(
    "addresses of the open Internet are public",
    arguments: ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
  func open(text: String) throws {
    #expect(try #require(NetworkAddress(text)).isPublic)
  }

  @Test("an address prints with its port")
  func text() throws {
    #expect(try #require(NetworkAddress("127.0.0.1", port: 80)).description == "127.0.0.1:80")
    #expect(try #require(NetworkAddress("::1", port: 443)).description == "[::1]:443")
    #expect(NetworkAddress("localhost") == nil)
  }
}
