import Testing

@testable import Streaming

@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func borrow(_ text: String, _ body: (UnsafeRawBufferPointer) -> Void) { [UInt8](text.utf8).withUnsafeBytes(body) }

    @Test func commasStandWhereTheyBelong() {
        let text = written { writer in
            writer.beginObject()
            writer.name("a")
            writer.integer(-12)
            writer.name("b")
            writer.beginArray()
            writer.bool(true)
            writer.null()
            writer.beginObject()
            writer.endObject()
            writer.string("x")
            writer.beginArray()
            writer.endArray()
            writer.endArray()
            writer.name("c")
            writer.json("1e3" as StaticString)
            writer.endObject()
        }
        #expect(text == #"{"a":-12,"b":[true,null,{},"x",[]],"c":1e3}"#)
    }

    @Test(arguments: [0, 7, 10, 1_000_000, Int.max, Int.min, -1]) func integers(_ value: Int) {
        #expect(written { $0.integer(value) } == String(value))
    }

    @Test func stringsAreWrittenInPieces() {
        let text = written { writer in
            writer.beginArray()
            writer.beginString()
            borrow(#"a\n\u00e9"#) { writer.appendToString(escaped: $0) }
            borrow("\"\\\n\u{1}ü") { writer.appendToString(utf8: $0) }
            writer.appendToString("\t")
            writer.endString()
            writer.string("q\"" as String)
            writer.endArray()
        }
        #expect(text == #"["a\n\u00e9\"\\\n\u0001ü\t","q\""]"#)
    }

    /// A line end between two tokens would end the line of an event; one inside of a string cannot be there as it is.
    @Test func valuesOfOtherDocumentsStayOnOneLine() {
        let text = written { writer in
            writer.beginArray()
            borrow("{\r\n  \"a b\" : [ 1,\n 2 ],\n \"c\\\"\\\\\": \" x \" }") { writer.json($0) }
            borrow(#"{ "a" : 1 }"#) { writer.json($0) }
            writer.endArray()
        }
        #expect(text == #"[{"a b":[1,2],"c\"\\":" x "},{ "a" : 1 }]"#)
    }

    @Test func framesSeparateDocuments() {
        let text = written { writer in
            for number in 1...2 {
                writer.frame("data: ")
                writer.beginObject()
                writer.name("n")
                writer.integer(number)
                writer.endObject()
                writer.frame("\n\n")
            }
        }
        #expect(text == "data: {\"n\":1}\n\ndata: {\"n\":2}\n\n")
    }

    @Test func emptiedItBeginsAnew() {
        let text = written { writer in
            writer.beginArray()
            writer.integer(1)
            writer.removeAll()
            writer.integer(2)
        }
        #expect(text == "2")
    }
}
