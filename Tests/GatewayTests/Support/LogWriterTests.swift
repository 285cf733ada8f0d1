import Foundation
import Testing

@testable import Gateway

/// What becomes of log lines that standard error does not take.
@Suite struct LogWriterTests {
    /// A pipe that holds one page and never makes its writer wait.
    private final class Pipe {
        /// F_SETPIPE_SZ of fcntl(2), which Swift does not see.
        private static let setPipeSize: Int32 = 1_031

        let readEnd: Int32
        let writeEnd: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            let made = pipe(&ends)
            (readEnd, writeEnd) = (ends[0], ends[1])
            try #require(made == 0)
            for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
            let size = fcntl(writeEnd, Self.setPipeSize, 4_096)
            try #require(size == 4_096)
        }

        deinit {
            close(readEnd)
            close(writeEnd)
        }

        func fill() {
            let page = [UInt8](repeating: UInt8(ascii: "."), count: 4_096)
            while write(writeEnd, page, page.count) > 0 {}
        }

        /// Takes what is there.
        func lines() -> [Substring] {
            var text: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 4_096)
            while case let count = read(readEnd, &piece, piece.count), count > 0 { text += piece[..<count] }
            return String(decoding: text, as: UTF8.self).split(separator: "\n")
        }
    }

    @Test func writesLinesInTheirOrder() throws {
        let pipe = try Pipe()
        let writer = LogWriter(format: .text, descriptor: pipe.writeEnd, patienceMilliseconds: 0)
        for number in 0..<100 { writer.write("\(number)") }
        writer.flush()
        #expect(pipe.lines() == (0..<100).map { "\($0)" })
        #expect(writer.linesDropped == 0)
    }

    @Test(arguments: LogFormat.allCases) func countsWhatAFullPipeDoesNotTake(_ format: LogFormat) throws {
        let pipe = try Pipe()
        let writer = LogWriter(format: format, descriptor: pipe.writeEnd, patienceMilliseconds: 0)
        pipe.fill()
        for number in 0..<3 { writer.write("lost \(number)") }
        writer.flush()
        #expect(writer.linesDropped == 3)
        // Told again and again until it is told, counted once.
        writer.write("lost 3")
        writer.flush()
        #expect(writer.linesDropped == 4)
        _ = pipe.lines()
        writer.write("kept")
        writer.flush()
        let lines = pipe.lines()
        try #require(lines.count == 2)
        #expect(lines[0] == "kept")
        switch format {
        case .text: #expect(lines[1].contains(" WARNING log lines dropped") && lines[1].hasSuffix(" lines=4"))
        case .json:
            let object = try JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [String: String]
            #expect(object?["level"] == "warning" && object?["lines"] == "4" && object?["time"] != nil)
        }
        writer.write("next")
        writer.flush()
        #expect(pipe.lines() == ["next"], "told once")
        #expect(writer.linesDropped == 4)
    }

    @Test func aLineThatIsCutEndsBeforeTheNext() throws {
        let pipe = try Pipe()
        let writer = LogWriter(format: .text, descriptor: pipe.writeEnd, patienceMilliseconds: 0)
        writer.write(String(repeating: "x", count: 5_000))
        writer.flush()
        #expect(writer.linesDropped == 1)
        #expect(pipe.lines() == [Substring(repeating: "x", count: 4_096)])
        pipe.fill()
        writer.write("lost")
        writer.flush()
        #expect(writer.linesDropped == 2)
        _ = pipe.lines()
        writer.write("kept")
        writer.flush()
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(pipe.readEnd, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        #expect(text.hasPrefix("\nkept\n") && text.hasSuffix(" lines=2\n"))
    }

    @Test func countsWhatADescriptorRefuses() {
        let writer = LogWriter(format: .json, descriptor: -1)
        for _ in 0..<5 {
            writer.write("lost")
            writer.flush()
        }
        #expect(writer.linesDropped == 5)
    }
}
