// swift-tools-version: 6.2
import PackageDescription

// One list of settings for every Swift target: a warning is an error, and an unannotated `async` function
// runs where its caller runs, so that a request stays on its loop's thread.
// Exclusivity checks cost half of the request path's user time; debug, test and fuzz builds keep them.
let swiftSettings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "millrace",
  products: [
    .executable(name: "millrace", targets: ["MillraceMain"]),
    .library(name: "Millrace", targets: ["Millrace"]),
    .library(name: "MillraceServer", targets: ["Server"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
  ],
  targets: [
    .systemLibrary(name: "CLibuv", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
    .systemLibrary(name: "CLibpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    // Without the strict mode, whatever follows a CR passes for a line feed.
    .target(
      name: "CLlhttp",
      cSettings: [.unsafeFlags(["-I/usr/share/include/llhttp"]), .define("LLHTTP_STRICT_MODE", to: "1")]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CBrotli", pkgConfig: "libbrotlienc", providers: [.apt(["libbrotli-dev"])]),
    .systemLibrary(name: "CWslay", providers: [.apt(["libwslay-dev"])]),
    .target(name: "CLoop"),
    .target(name: "CEmbedded"),
    .target(name: "CCrypto", linkerSettings: [.linkedLibrary("crypto")]),

    module("EventLoop", ["CLibuv", "CLoop"]),
    module("Postgres", ["CLibpq", "EventLoop", logging]),
    module("HTTPServer", ["CLlhttp", "CLibuv", "CWslay", "CCrypto", "EventLoop", logging]),
    module("HTTPClient", ["CCurl", "EventLoop"]),
    module("Webhooks", ["CCrypto", "HTTPClient", "EventLoop"]),
    module("Authentication", ["CCrypto", "HTTPClient", "Expressions", "EventLoop", logging]),
    // Converting numbers needs the C mathematics library, which nothing else here links.
    .target(name: "GraphQL", swiftSettings: swiftSettings, linkerSettings: [.linkedLibrary("m")]),
    module("Expressions"),
    // Pictures of workflows: layout and formats, nothing else.
    module("Charts", ["Expressions"]),
    module("WorkflowEngine"),
    // How workflows are written in Swift.
    module("Flows", ["WorkflowEngine"]),
    // What is counted and measured, as text for Prometheus.
    module("Monitoring", [metrics]),
    module("WorkflowStore", ["Postgres", "WorkflowEngine", "Expressions"]),
    module(
      "Millrace",
      [
        "Flows", "WorkflowStore", "WorkflowEngine", "Expressions", "Webhooks", "Postgres", "EventLoop", logging, metrics,
      ]),
    module(
      "API",
      [
        "GraphQL", "Millrace", "WorkflowStore", "WorkflowEngine", "Charts", "Expressions", "Postgres", "EventLoop",
        "CEmbedded", "CCrypto", logging,
      ]),
    .target(
      name: "Server",
      dependencies: [
        "API", "Authentication", "GraphQL", "Millrace", "WorkflowStore", "WorkflowEngine", "Webhooks", "HTTPServer",
        "HTTPClient", "Postgres", "EventLoop", "CEmbedded", "CLibuv",
        "CZlib", "CBrotli", "Monitoring", logging, metrics, argumentParser,
      ],
      exclude: ["page.html"], swiftSettings: swiftSettings,
      // Modules in shared libraries find Millrace in the executable: there must be one copy of it in the process.
      linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic"])]),
    .executableTarget(name: "ConformanceRunner", dependencies: ["GraphQL"], swiftSettings: swiftSettings),
    .executableTarget(name: "MillraceMain", dependencies: ["Server"], swiftSettings: swiftSettings),

    // What tests of several modules share: a private Postgres, a raw client, the server as a process.
    module("TestSupport", ["EventLoop", "HTTPServer", "Postgres", logging]),

    tests("EventLoopTests", ["EventLoop", "CLoop"]),
    tests("PostgresTests", ["Postgres", "EventLoop", "TestSupport"]),
    tests("HTTPServerTests", ["HTTPServer", "EventLoop", "TestSupport"]),
    tests("HTTPClientTests", ["HTTPClient", "HTTPServer", "EventLoop", "TestSupport"]),
    .target(name: "CTestCrypto", path: "Tests/CTestCrypto", linkerSettings: [.linkedLibrary("crypto")]),
    // An identity provider for tests: keys, tokens, and the server that stands for it.
    .target(
      name: "ProviderSupport", dependencies: ["CTestCrypto", "HTTPServer", "TestSupport"], path: "Tests/ProviderSupport",
      swiftSettings: swiftSettings),
    tests(
      "AuthenticationTests",
      ["Authentication", "ProviderSupport", "HTTPClient", "Expressions", "EventLoop", "TestSupport", logging]),
    tests("GraphQLTests", ["GraphQL", "ConformanceRunner", "AttackDocuments"]),
    // Documents that bring down naive implementations, for tests and measurements.
    .target(
      name: "AttackDocuments", dependencies: ["GraphQL"], path: "Tests/AttackDocuments", swiftSettings: swiftSettings),
    tests("ChartsTests", ["Charts", "Expressions"]),
    tests("ExpressionsTests", ["Expressions"]),
    tests("WorkflowEngineTests", ["WorkflowEngine", "Expressions", "Millrace"]),
    tests("FlowsTests", ["Flows", "WorkflowEngine"]),
    tests(
      "WorkflowStoreTests", ["WorkflowStore", "WorkflowEngine", "Postgres", "EventLoop", "TestSupport"]),
    tests(
      "MillraceTests",
      [
        "Flows", "Millrace", "WorkflowStore", "WorkflowEngine", "Expressions", "Webhooks", "HTTPServer", "Postgres", "EventLoop", "TestSupport", logging,
        metrics,
      ]),
    tests(
      "APITests",
      ["API", "Flows", "Expressions", "GraphQL", "Millrace", "WorkflowStore", "WorkflowEngine", "Postgres", "EventLoop", "TestSupport"]),
    .systemLibrary(name: "CTestBrotli", path: "Tests/CTestBrotli", pkgConfig: "libbrotlidec"),
    tests(
      "ServerTests",
      [
        "CTestBrotli", "CZlib", "HTTPServer", "Server", "API", "GraphQL", "Millrace", "WorkflowStore", "WorkflowEngine", "EventLoop",
        "Postgres", "MillraceMain", "HookProbe", "ProviderSupport", "TestSupport",
      ]),
    tests("MonitoringTests", ["Monitoring", metrics]),
    tests("ArchitectureTests", []),

    // What fuzzing runs; the driver itself is built only for it, by scripts/fuzz.
    .target(
      name: "FuzzTargets", dependencies: ["API", "Expressions", "GraphQL", "HTTPServer", "Server"], path: "Fuzz/Targets",
      swiftSettings: swiftSettings),
    tests("FuzzTests", ["FuzzTargets"]),

    // A server with a module of its own, for tests with several processes.
    .executableTarget(
      name: "HookProbe", dependencies: ["Server", "Millrace", "Flows", "WorkflowEngine", "Postgres"], path: "Tests/HookProbe",
      swiftSettings: swiftSettings),
    // What the benchmarks of a server's parts share: clocks, and a database of their own.
    .target(
      name: "BenchmarkSupport", dependencies: ["API", "Postgres", "EventLoop", logging], path: "Benchmarks/Support",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "HookBenchmark",
      dependencies: [
        "API", "BenchmarkSupport", "GraphQL", "Millrace", "WorkflowStore", "WorkflowEngine", "Postgres", "EventLoop",
      ],
      path: "Benchmarks/Hooks", swiftSettings: swiftSettings),
    // Asks a server over many connections, without taking much of a core itself.
    .executableTarget(
      name: "LoadBenchmark", dependencies: ["EventLoop"], path: "Benchmarks/Load", swiftSettings: swiftSettings),
    .executableTarget(
      name: "JobBenchmark", dependencies: ["BenchmarkSupport", "Millrace", "WorkflowEngine", "WorkflowStore", "Postgres", "EventLoop"],
      path: "Benchmarks/Jobs", swiftSettings: swiftSettings),
    .executableTarget(
      name: "EngineBenchmark", dependencies: ["API", "AttackDocuments", "EventLoop", "GraphQL", "HTTPServer", logging],
      path: "Benchmarks/Engine", swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)

if Context.environment["MILLRACE_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(name: "FuzzDriver", dependencies: ["FuzzTargets"], path: "Fuzz/Driver"))
}
