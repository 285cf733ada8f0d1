import COpenSSL

/// A memory BIO seen as a byte queue that gives its memory back. Owned by the SSL that it is set on, hence no deinit.
struct MemoryBIO {
    let pointer: OpaquePointer

    init?() {
        guard let pointer = BIO_new(BIO_s_mem()) else { return nil }
        self.pointer = pointer
    }

    var count: Int { BIO_ctrl_pending(pointer) }

    /// What the buffer under the BIO takes on the heap.
    var capacity: Int { ekai_bio_get_mem_ptr(pointer)?.pointee.max ?? 0 }

    /// False when there is no memory.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        while let base = rest.baseAddress, !rest.isEmpty {
            let count = BIO_write(pointer, base, CInt(clamping: rest.count))
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Int(count)))
        }
        return true
    }

    /// Lends what is queued and drops as much of its front as `consume` returns. Nothing is copied.
    func withBytes(_ consume: (UnsafeRawBufferPointer) -> Int) -> Int {
        var data: UnsafeMutablePointer<CChar>?
        let count = ekai_bio_get_mem_data(pointer, &data)
        guard count > 0, let data else { return 0 }
        let consumed = consume(UnsafeRawBufferPointer(start: data, count: count))
        precondition((0...count).contains(consumed), "consumed more than was lent")
        if consumed > 0 {
            ekai_bio_seek(pointer, ekai_bio_tell(pointer) + CInt(consumed))
        }
        return consumed
    }

    /// Frees the buffer when it is empty and larger than `limit`: a BIO never shrinks by itself.
    func trim(above limit: Int) {
        guard count == 0, capacity > limit, let fresh = BUF_MEM_new() else { return }
        ekai_bio_replace_mem(pointer, fresh)
    }
}
