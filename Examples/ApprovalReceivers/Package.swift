// swift-tools-version: 6.2
import PackageDescription

// A module of receivers, and a server into which it is linked. Copy the folder and point the dependency at your
// checkout of Millrace.
let package = Package(
  name: "approval-receivers",
  products: [
    .library(name: "ApprovalReceivers", targets: ["ApprovalReceivers"]),
    .executable(name: "approval-server", targets: ["ApprovalServer"]),
  ],
  dependencies: [.package(name: "millrace", path: "../..")],
  targets: [
    .target(name: "ApprovalReceivers", dependencies: [.product(name: "Millrace", package: "millrace")]),
    .executableTarget(
      name: "ApprovalServer",
      dependencies: ["ApprovalReceivers", .product(name: "MillraceServer", package: "millrace")]),
  ],
  swiftLanguageModes: [.v6]
)
