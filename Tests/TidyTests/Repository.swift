import Foundation

/// The sources as they stand on the disk.
enum Repository {
    struct File: Sendable {
        /// Under `Sources`: `HTTP/Server/HTTPServer.swift`.
        var path: String
        var text: String

        var module: String { String(path.prefix { $0 != "/" }) }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Every Swift file of `folder`.
    static func files(_ folder: String) throws -> [File] {
        let base = root.appendingPathComponent(folder)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: base.path).sorted()
        return try paths.filter { $0.hasSuffix(".swift") }.map { path in
            File(path: path, text: try String(contentsOf: base.appendingPathComponent(path), encoding: .utf8))
        }
    }
}
