import Testing

@testable import Streaming

@Suite struct JSONSplicerTests {
    private func edited(_ text: String, _ edit: (inout JSONSplicer, JSONValue) -> Void) throws -> String {
        let tape = JSONTape()
        return try [UInt8](text).withUnsafeBytes { document in
            let root = try tape.parse(document)
            var splicer = JSONSplicer()
            edit(&splicer, root)
            var result: [UInt8] = []
            splicer.append(document, to: &result)
            let count = splicer.count(of: document)
            #expect(count == result.count)
            return result.text
        }
    }

    @Test func theSmallestChange() throws {
        let body = #" { "stream" : true , "model":"a\u0062c", "x": [1, 2] } "#
        let result = try edited(body) { splicer, root in
            if let model = root["model"] { splicer.replace(model, withString: "open\"ai/gpt") }
            splicer.appendMember("stream_options", json: #"{"include_usage":true}"#, to: root)
        }
        #expect(result == #" { "stream" : true , "model":"open\"ai/gpt", "x": [1, 2] ,"stream_options":{"include_usage":true}} "#)
    }

    @Test func membersJoinAnEmptyObject() throws {
        #expect(try edited("{ }") { $0.appendMember("a", json: "1", to: $1) } == #"{ "a":1}"#)
        #expect(try edited("{}") { $0.appendMember("a", json: "1", to: $1) } == #"{"a":1}"#)
    }

    @Test func editsMayComeInAnyOrder() throws {
        let result = try edited("1234567890") { splicer, _ in
            [UInt8]("B").withUnsafeBytes { splicer.replace(5..<7, with: $0) }
            [UInt8]("A").withUnsafeBytes { splicer.replace(0..<2, with: $0) }
            [UInt8]("<").withUnsafeBytes { splicer.replace(5..<5, with: $0) }
            [UInt8]("!").withUnsafeBytes { splicer.replace(5..<5, with: $0) }
            [UInt8](">").withUnsafeBytes { splicer.replace(10..<10, with: $0) }
            splicer.replace(8..<9, with: UnsafeRawBufferPointer(start: nil, count: 0))
        }
        #expect(result == "A345<!B80>")
    }

    @Test func withoutEditsTheDocumentIsOneSlice() {
        let document = [UInt8]("{\"a\":1}")
        document.withUnsafeBytes { bytes in
            let splicer = JSONSplicer()
            var slices: [UnsafeRawBufferPointer] = []
            splicer.forEachSlice(of: bytes) { slices.append($0) }
            #expect(slices.count == 1 && slices.first?.baseAddress == bytes.baseAddress)
        }
    }

    @Test func whatIsSplicedIsReadBack() throws {
        let alphabet = ["a", "\"", "\\", "\n", "\u{1}", "ż", "🎈", "/", "\u{7F}", "\u{1F}", "\t", "\r", "\u{8}", "\u{C}", " "]
        let tape = JSONTape()
        for seed in UInt64(1)...200 {
            var generator = SeededGenerator(seed: seed)
            func text() -> String {
                let count = Int.random(in: 0...20, using: &generator)
                return (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }.joined()
            }
            let names = ["a", "b", "c", "d"]
            var document: [UInt8] = [UInt8(ascii: "{")]
            for (index, name) in names.enumerated() {
                if index > 0 { document.append(literal: " ,") }
                JSONString.append(name, to: &document)
                document.append(literal: ": ")
                JSONString.append(text(), to: &document)
            }
            document.append(literal: "}")
            let replacement = text()
            let chosen = Int.random(in: 0..<names.count, using: &generator)

            var result: [UInt8] = []
            var before: [String?] = []
            try document.withUnsafeBytes { bytes in
                let root = try tape.parse(bytes)
                before = root.members.map { $0.value.string }
                var splicer = JSONSplicer()
                splicer.replace(Array(root.members)[chosen].value, withString: replacement)
                splicer.append(bytes, to: &result)
            }
            before[chosen] = replacement
            try result.withUnsafeBytes { bytes in
                let after = try tape.parse(bytes).members.map { $0.value.string }
                #expect(after == before, "seed \(seed)")
            }
        }
    }
}
