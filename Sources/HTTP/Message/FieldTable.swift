import Glibc

/// The field lines of a head, as offsets into its text: rows in the order of the wire, and which names occur at all.
///
/// A plain value over one block of memory: whoever keeps it keeps one copy, and deallocates it. A copy taken for a loop and written
/// back after it spares the checks of exclusive access that each use of an object's property would cost.
struct FieldTable {
    struct Row {
        var name: MessageHead.Slice
        var value: MessageHead.Slice
        var known: FieldName
    }

    private(set) var count = 0
    private(set) var capacity = 0
    private var rows: UnsafeMutablePointer<Row>?
    private var names = FieldNameSet()

    /// What an ordinary head needs; a connection that idles keeps no more.
    static let ordinaryCapacity = 16

    subscript(index: Int) -> Row {
        guard let rows, index >= 0, index < count else { preconditionFailure("the head has no such field line") }
        return rows[index]
    }

    /// The first row with this name at `start` or after it.
    @inline(__always)
    func firstIndex(of name: FieldName, from start: Int = 0) -> Int? {
        guard names.contains(name), let rows else { return nil }
        var index = start
        while index < count {
            if rows[index].known == name { return index }
            index += 1
        }
        return nil
    }

    /// How many rows have this name.
    func count(of name: FieldName) -> Int {
        guard names.contains(name), let rows else { return 0 }
        var found = 0
        for index in 0..<count where rows[index].known == name { found += 1 }
        return found
    }

    mutating func append(_ row: Row) {
        if count == capacity { grow() }
        guard let rows else { return }
        rows[count] = row
        count += 1
        names.insert(row.known)
    }

    /// Doubles the block; how far it goes is for the parser's limit of field lines to say.
    private mutating func grow() {
        capacity = max(FieldTable.ordinaryCapacity, capacity * 2)
        // Straight from malloc, which aligns for any row; the standard library's `allocate` would go through posix_memalign.
        guard let block = realloc(rows, capacity * MemoryLayout<Row>.stride) else { fatalError("out of memory") }
        rows = block.bindMemory(to: Row.self, capacity: capacity)
    }

    /// The same memory without rows.
    func emptied() -> FieldTable {
        var table = self
        table.count = 0
        table.names = FieldNameSet()
        return table
    }

    /// Gives the memory back; the table must not be used after that.
    func deallocate() { free(rows) }
}

/// A set of names, one bit each: whether a head has a field is asked far more often than it has it.
struct FieldNameSet {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    func contains(_ name: FieldName) -> Bool {
        let bits = name.rawValue < 64 ? low : high
        return (bits &>> UInt64(name.rawValue)) & 1 == 1
    }

    mutating func insert(_ name: FieldName) {
        assert(name.rawValue < 128, "a name without a bit of its own")
        let bit: UInt64 = 1 &<< UInt64(name.rawValue)
        if name.rawValue < 64 { low |= bit } else { high |= bit }
    }
}
