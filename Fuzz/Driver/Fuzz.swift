import FuzzTargets
import Glibc

/// The target that `EKAI_FUZZ_TARGET` names: one binary serves all, so that one build does too.
private let target: FuzzTarget = {
    let name = getenv("EKAI_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    if let target = FuzzTarget.named(name) { return target }
    complain("EKAI_FUZZ_TARGET must be one of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
    exit(64)
}()

/// What libFuzzer calls with every input. A broken property ends the process, which makes libFuzzer keep the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do throws(FuzzViolation) {
        try target.check(UnsafeRawBufferPointer(start: bytes, count: count))
        return 0
    } catch {
        complain("\(target.name): \(error)")
        abort()
    }
}

private func complain(_ text: String) {
    let line = Array("== \(text)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
