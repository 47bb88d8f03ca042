// swift-tools-version: 6.2
import PackageDescription

// A module of receivers, to be copied: point the dependency at your checkout of Millrace. It is built into a server of
// its own (`swift build --product approval-server`), or as a shared library for any Millrace (`./build-module`).
let package = Package(
  name: "approval-receivers",
  products: [
    .library(name: "ApprovalReceivers", targets: ["ApprovalReceivers"]),
    .executable(name: "approval-server", targets: ["ApprovalServer"]),
  ],
  dependencies: [.package(name: "millrace", path: "../..")],
  targets: [
    .target(name: "ApprovalReceivers", dependencies: [.product(name: "Millrace", package: "millrace")]),
    // The library's two entry points.
    .target(
      name: "ApprovalModule",
      dependencies: ["ApprovalReceivers", .product(name: "Millrace", package: "millrace")]),
    .executableTarget(
      name: "ApprovalServer",
      dependencies: ["ApprovalReceivers", .product(name: "MillraceServer", package: "millrace")]),
  ],
  swiftLanguageModes: [.v6]
)
