import Foundation
import Testing

@testable import Benchmarks

@Suite struct ProcessTreeTests {
    /// A shell that waits for a child of its own: both belong to it.
    @Test func findsDescendants() throws {
        let shell = Process()
        let output = Pipe()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "sleep 60 & echo $!; wait"]
        shell.standardOutput = output
        try shell.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let child = try #require(Int32(line.trimmingCharacters(in: .whitespacesAndNewlines)))
        defer {
            // Both: a worker thread of the tests blocks signals, and so does what it starts.
            kill(shell.processIdentifier, SIGKILL)
            kill(child, SIGKILL)
            shell.waitUntilExit()
        }
        #expect(ProcessTree(root: shell.processIdentifier).processIDs == [shell.processIdentifier, child])
    }

    @Test func readsThisProcess() {
        let tree = ProcessTree(root: getpid())
        let before = tree.processorSeconds
        var sum = 0
        for number in 0..<1_000_000 { sum &+= number.hashValue }
        #expect(sum != 0 && tree.processorSeconds > before)
        let memory = tree.memory
        #expect(memory.anonymousKiB > 0)
        #expect(memory.residentKiB > memory.anonymousKiB)
        #expect(memory.peakKiB > 0)
        #expect(tree.voluntarySwitches > 0)
    }

    @Test func findsNothingOfAProcessThatIsGone() throws {
        let gone = Process()
        gone.executableURL = URL(fileURLWithPath: "/bin/true")
        try gone.run()
        gone.waitUntilExit()
        let tree = ProcessTree(root: gone.processIdentifier)
        #expect(tree.processorSeconds == 0)
        #expect(tree.memory == ProcessTree.Memory())
    }
}
