import Glibc
import Reactor

/// How many CPUs this process may use: the affinity mask, cut by the quota of its control group, which is how containers are limited.
enum AvailableCPUs {
    static var count: Int {
        min(EventLoopGroup.allowedCPUs, quota(of: read("/sys/fs/cgroup/cpu.max")) ?? .max)
    }

    /// `cpu.max` of cgroup v2: quota and period in microseconds, or `max`. Rounded up; nil without a quota.
    static func quota(of text: String?) -> Int? {
        guard let parts = text?.split(whereSeparator: \.isWhitespace), parts.count == 2, let quota = Int(parts[0]),
            let period = Int(parts[1]), quota > 0, period > 0
        else { return nil }
        return max(1, (quota - 1) / period + 1)
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }
}
