// swift-tools-version: 6.2
import PackageDescription

/// Exclusive access to memory is checked while running in every debug build, so in all unit tests and under the sanitizers. A release build
/// leaves these checks out: they are a quarter of what a token costs in our own code (docs/decisions/0020). With `EKAI_CHECKED=1` it has them.
let isChecked = Context.environment["EKAI_CHECKED"] == "1"
let unchecked = SwiftSetting.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))

/// Every target is compiled alike: language mode 6, `nonisolated async` functions stay on their caller's executor
/// (without it each helper call on a loop would be an enqueue, see docs/decisions/0001), and warnings are errors in CI.
let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("ExistentialAny"),
    ] + (isChecked ? [] : [unchecked]) + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// The fuzzer brings `main` of its own, so that its executable links only with `--sanitize=fuzzer`: `scripts/fuzz` asks for it
/// (docs/decisions/0014). What it runs is `FuzzTargets`, which every build compiles and `FuzzTests` replays.
let isFuzzing = Context.environment["EKAI_FUZZ"] == "1"
let fuzzer: [Target] =
    isFuzzing
    ? [
        .executableTarget(
            name: "Fuzz",
            dependencies: ["FuzzTargets"],
            path: "Fuzz/Driver",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]
        )
    ] : []

let package = Package(
    name: "ekai-gateway",
    products: [
        .executable(name: "ekai-gateway", targets: ["Server"]),
        .executable(name: "Benchmarks", targets: ["Benchmarks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
    ],
    targets: [
        // C: headers and data, no logic.
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "CCatalogue", exclude: ["models.json"]),
        // Stands in front of malloc: linked into Benchmarks and, with its tests, into the unit tests; never into the gateway.
        .target(name: "CAllocationCounter"),

        // One lock for every module that has threads of its own.
        .target(name: "Locking", swiftSettings: strict),

        // The data path, from bytes upwards.
        .target(
            name: "Reactor",
            dependencies: ["Locking", "CLinux", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: strict
        ),
        .target(name: "HTTP", dependencies: ["Locking", "Reactor", "CLinux", "COpenSSL"], swiftSettings: strict),
        .target(name: "Streaming", swiftSettings: strict),
        .target(name: "Dialects", dependencies: ["Streaming"], swiftSettings: strict),

        // The control plane.
        .target(name: "Routing", dependencies: ["CCatalogue"], swiftSettings: strict),
        .target(
            name: "Store",
            dependencies: [
                "Locking", .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),

        // The product.
        .target(
            name: "Gateway",
            dependencies: [
                "HTTP", "Streaming", "Dialects", "Routing", "Store", "Locking", "CLinux",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "Server",
            dependencies: [
                "Gateway", "Store",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Gateway", "HTTP", "Streaming", "Dialects", "Reactor", "CLinux", "COpenSSL", "CAllocationCounter",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            path: "Benchmarks",
            exclude: ["README.md", "peers", "thresholds.json"],
            swiftSettings: strict
        ),

        // What the fuzzer runs, with the properties that it checks.
        .target(
            name: "FuzzTargets",
            dependencies: ["Reactor", "HTTP", "Streaming", "Dialects", "Store", "Gateway"],
            path: "Fuzz/Targets",
            swiftSettings: strict
        ),

        // Shared by the tests: sockets that a test drives by hand, a loop on a thread.
        .target(name: "TestSupport", dependencies: ["Locking", "Reactor"], path: "Tests/Support", swiftSettings: strict),
        .testTarget(name: "ReactorTests", dependencies: ["Reactor", "Locking"], swiftSettings: strict),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "StreamingTests", dependencies: ["Streaming"], swiftSettings: strict),
        .testTarget(
            name: "DialectsTests", dependencies: ["Dialects"], exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(name: "RoutingTests", dependencies: ["Routing"], swiftSettings: strict),
        .testTarget(name: "StoreTests", dependencies: ["Store", "Locking"], swiftSettings: strict),
        .testTarget(name: "GatewayTests", dependencies: ["Gateway", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets"], swiftSettings: strict),
        .testTarget(name: "BenchmarksTests", dependencies: ["Benchmarks"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ] + fuzzer,
    cLanguageStandard: .gnu17
)
