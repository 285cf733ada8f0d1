import ArgumentParser
import Foundation
import Store

/// `ekai-gateway backup`: a copy of the books that a running gateway does not notice.
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the usage database into one file, while a gateway runs or not.",
        discussion: "The copy has every row that was written before the command began. It is checked before it gets its name.")

    @Argument(help: "The file to make; its folder must exist.")
    var destination: String
    @OptionGroup var options: DatabaseOptions
    @Flag(name: .long, help: "Replace a file that is there already.")
    var force = false

    func validate() throws {
        if destination.isEmpty { throw ValidationError("The destination must be the path of a file.") }
    }

    func run() throws {
        let path = try options.path(environment: ProcessInfo.processInfo.environment)
        do throws(StoreError) {
            let bytes = try UsageBooks(path: path).backup(to: destination, replaces: force)
            print("\(destination): \(bytes) bytes")
        } catch {
            StandardError.write("ekai-gateway: \(error)")
            throw ExitCode(1)
        }
    }
}
