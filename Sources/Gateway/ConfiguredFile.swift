import Glibc

/// Reading a file that the configuration names: a certificate, a key, authorities.
enum ConfiguredFile {
    /// A larger one is none of these.
    static let bytesMax = 1 << 20

    /// The content of the file at `path`. Never waits for a pipe or a device.
    static func read(_ path: String) -> Result<[UInt8], ValueFault> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(fault()) }
        defer { close(descriptor) }
        var content = [UInt8](repeating: 0, count: bytesMax + 1)
        var count = 0
        while count < content.count {
            let got = content.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            guard got >= 0 else { return .failure(fault()) }
            if got == 0 { return .success(Array(content[..<count])) }
            count += got
        }
        return .failure(ValueFault("the file has more than 1 MiB"))
    }

    private static func fault() -> ValueFault {
        ValueFault("the file cannot be read: \(String(cString: strerror(errno)))")
    }
}
