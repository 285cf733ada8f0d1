import Streaming

/// JSON documents: taken or refused as a second parser does, with the same tree; and edits that leave a document whole.
enum JSONCheck {
    static func document(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        let document = bytes.array
        for isLenient in [false, true] {
            for depthMax in [StreamingLimits.jsonDepthMax, 4] {
                let options = JSONOptions(depthMax: depthMax, acceptsLoneSurrogates: isLenient)
                let expected = ReferenceJSON.parse(document, depthMax: depthMax, acceptsLoneSurrogates: isLenient)
                try check(bytes, options, expected)
            }
        }
        try checkWriting(document)
        try checkNodesMax(bytes)
    }

    private static func check(
        _ bytes: UnsafeRawBufferPointer, _ options: JSONOptions, _ expected: ReferenceJSON?
    ) throws(FuzzViolation) {
        let tape = JSONTape(options: options)
        let root: JSONValue
        do throws(JSONError) {
            root = try tape.parse(bytes)
        } catch {
            try require(expected == nil, "refused, but it is JSON: \(error)")
            try require((0...bytes.count).contains(error.offset), "refused at a byte that is not there: \(error)")
            return
        }
        guard let expected else { throw FuzzViolation("taken, but it is no JSON") }
        try requireSame(root, expected, bytes, options)
        try checkSplices(root, expected, bytes.array, options)
    }

    /// The same tree, seen through every accessor.
    private static func requireSame(
        _ value: JSONValue, _ expected: ReferenceJSON, _ document: UnsafeRawBufferPointer, _ options: JSONOptions
    ) throws(FuzzViolation) {
        let raw = Array(document[value.range])
        try requireEqual(value.rawBytes.array, raw, "the raw bytes are not those of the range")
        try require(value.isEmptyContainer == (expected == .object([]) || expected == .array([])), "empty or not: \(raw.shown)")
        switch (value.kind, expected) {
        case (.null, .null): break
        case (.true, .bool(true)), (.false, .bool(false)): break
        case (.number, .number(let text)):
            try requireEqual(raw, text, "the number is another")
            try checkNumber(value, String(decoding: text, as: UTF8.self))
        case (.string, .string(let text)):
            try requireEqual(decoded(value), text, "the string decodes to another")
            try requireEqual(Array((value.string ?? "").utf8), text, "the string is another")
            try requireEqual(value.isEscaped, raw.contains(UInt8(ascii: "\\")), "escaped or not: \(raw.shown)")
        case (.array, .array(let elements)):
            var found: [JSONValue] = []
            for element in value.elements { found.append(element) }
            try requireEqual(found.count, elements.count, "the array has other elements")
            for (element, expected) in zip(found, elements) { try requireSame(element, expected, document, options) }
        case (.object, .object(let members)):
            var found: [JSONMember] = []
            for member in value.members { found.append(member) }
            try requireEqual(found.count, members.count, "the object has other members")
            for (member, expected) in zip(found, members) {
                try requireEqual(decoded(member.name), expected.name, "the member has another name")
                try requireSame(member.value, expected.value, document, options)
                let last = value.all(expected.name)
                let same = members.filter { $0.name == expected.name }
                try requireEqual(last.count, same.count, "the look-up finds other members")
                let ranges = (last.range, found[members.lastIndex { $0.name == expected.name } ?? 0].value.range)
                try requireEqual(ranges.0, ranges.1, "the look-up does not give the last member")
            }
        default: throw FuzzViolation("of another kind: \(raw.shown)")
        }
    }

    private static func decoded(_ value: JSONValue) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: value.stringBytes?.count ?? 0)
        let count = room.withUnsafeMutableBytes { value.decodeString(into: $0) } ?? 0
        return Array(room[..<count])
    }

    private static func checkNumber(_ value: JSONValue, _ text: String) throws(FuzzViolation) {
        if !text.contains(where: { ".eE".contains($0) }) {
            try requireEqual(value.int64, Int64(text), "the integer is another: \(text)")
        }
        // The same real number has one nearest double, however it is written.
        if let decimal = value.decimal {
            let written = "\(decimal.isNegative ? "-" : "")\(decimal.significand)e\(decimal.exponent)"
            try requireEqual(Double(written)?.bitPattern, Double(text)?.bitPattern, "the decimal \(written) is not \(text)")
            if let integer = value.int64, integer.magnitude < 1 << 53 {
                try requireEqual(Double(integer), Double(text), "the integer \(integer) is not \(text)")
            }
        }
    }

    /// A member replaced and a member added: the document is still whole, and nothing else has changed.
    private static func checkSplices(
        _ root: JSONValue, _ tree: ReferenceJSON, _ document: [UInt8], _ options: JSONOptions
    ) throws(FuzzViolation) {
        guard case .object(var members) = tree else { return }
        var splicer = JSONSplicer()
        let text = "a \"quote\",\n\\ \u{1} and \u{1F600}"
        for (index, member) in root.members.enumerated() where index % 2 == 0 {
            if index % 4 == 0 {
                splicer.replace(member.value, withString: text)
                members[index].value = .string(Array(text.utf8))
            } else {
                splicer.replace(member.value, withJSON: "[1,{}]")
                members[index].value = .array([.number([0x31]), .object([])])
            }
        }
        splicer.appendMember("added", json: "{\"is\":true}", to: root)
        members.append(.init(name: Array("added".utf8), value: .object([.init(name: Array("is".utf8), value: .bool(true))])))
        var edited: [UInt8] = []
        document.withUnsafeBytes { splicer.append($0, to: &edited) }
        let count = document.withUnsafeBytes { splicer.count(of: $0) }
        try requireEqual(count, edited.count, "the edited document has another length than was said")
        let found = ReferenceJSON.parse(edited, acceptsLoneSurrogates: options.acceptsLoneSurrogates)
        try requireEqual(found, .object(members), "the edited document is another: \(edited.shown)")
    }

    /// Any text, written as a JSON string, reads as that text.
    private static func checkWriting(_ bytes: [UInt8]) throws(FuzzViolation) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        var written: [UInt8] = []
        JSONString.append(text, to: &written)
        try requireEqual(ReferenceJSON.parse(written), .string(bytes), "written as a string it is another text: \(written.shown)")
    }

    /// The bound for nodes holds exactly.
    private static func checkNodesMax(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        guard let tree = ReferenceJSON.parse(bytes.array) else { return }
        let nodes = tree.nodes
        for nodesMax in [nodes - 1, nodes] where nodesMax > 0 {
            let tape = JSONTape(options: JSONOptions(nodesMax: nodesMax))
            let isTaken = (try? tape.parse(bytes)) != nil
            try requireEqual(isTaken, nodesMax == nodes, "\(nodes) nodes, of which \(nodesMax) are allowed")
        }
    }
}

extension JSONValue {
    /// The look-up by name: how many members have it, and where the value of the last one stands.
    fileprivate func all(_ name: [UInt8]) -> (count: Int, range: Range<Int>?) {
        name.withUnsafeBytes { name in
            var count = 0
            for member in members where member.isNamed(name) { count += 1 }
            return (count, self.member(name)?.range)
        }
    }
}

extension ReferenceJSON {
    /// How many nodes a tape needs: one for each value and one for each name.
    fileprivate var nodes: Int {
        switch self {
        case .object(let members): members.reduce(1) { $0 + 1 + $1.value.nodes }
        case .array(let elements): elements.reduce(1) { $0 + $1.nodes }
        default: 1
        }
    }
}
