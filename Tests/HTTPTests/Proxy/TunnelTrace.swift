@testable import HTTP

/// A machine, driven by hand: what it sent, how it ended, what was left over.
struct TunnelTrace: Equatable {
    var sent: [[UInt8]] = []
    /// `receive` while the machine wants more than there was.
    var end: TunnelAction = .receive
    var rest: [UInt8] = []

    var failure: ProxyFailure? {
        if case .failed(let failure) = end { failure } else { nil }
    }

    /// Starts the machine and gives it `pieces`, one after the other, in memory of exactly their size.
    static func of<Machine: TunnelMachine & ~Copyable>(_ machine: consuming Machine, _ pieces: [[UInt8]]) -> TunnelTrace {
        var trace = TunnelTrace()
        var pieces = pieces[...]
        var action = machine.start()
        while true {
            switch action {
            case .send(let bytes): trace.sent.append(bytes)
            case .receive:
                guard let piece = pieces.popFirst() else {
                    trace.end = action
                    return trace
                }
                trace.rest += piece
            case .established, .failed:
                trace.rest += pieces.joined()
                trace.end = action
                return trace
            }
            let progress = withBytes(trace.rest) { machine.receive($0) }
            trace.rest.removeFirst(progress.consumed)
            action = progress.action
        }
    }

    /// The traces of `bytes` cut in two at every place, and byte by byte; the first one is of the whole.
    static func cuts<Machine: TunnelMachine & ~Copyable>(_ bytes: [UInt8], _ make: () -> Machine) -> [TunnelTrace] {
        var traces = [of(make(), [bytes])]
        for cut in bytes.indices { traces.append(of(make(), [Array(bytes[..<cut]), Array(bytes[cut...])])) }
        traces.append(of(make(), bytes.map { [$0] }))
        return traces
    }
}
