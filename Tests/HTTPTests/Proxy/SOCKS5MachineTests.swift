import Testing

@testable import HTTP

/// SOCKS 5 as traces: what goes out, and what every reply means, however it is cut.
@Suite struct SOCKS5MachineTests {
    private static let credentials = ProxyCredentials(user: Array("user".utf8), password: Array("pw".utf8), for: .socks5)
    private static let plainGreeting: [UInt8] = [5, 1, 0]
    private static let fullGreeting: [UInt8] = [5, 2, 0, 2]
    private static let login: [UInt8] = [1, 4] + Array("user".utf8) + [2] + Array("pw".utf8)
    private static let request: [UInt8] = [5, 1, 0, 3, 8] + Array("provider".utf8) + [0x01, 0xBB]
    /// Bound to an IPv4 address, an IPv6 address, a name, and a name of no length.
    private static let replies: [[UInt8]] = [
        [5, 0, 0, 1, 127, 0, 0, 1, 0x1F, 0x90],
        [5, 0, 0, 4] + [UInt8](repeating: 7, count: 16) + [0, 1],
        [5, 0, 0, 3, 3, 0x61, 0x62, 0x63, 0, 1],
        [5, 0, 0, 3, 0, 0, 0],
    ]

    private static func machine(
        _ destination: SOCKS5Machine.Destination = .name("provider"), credentials: ProxyCredentials? = nil
    ) -> SOCKS5Machine {
        SOCKS5Machine(destination, port: 443, credentials: credentials)
    }

    @Test(arguments: replies) func connectsWithoutCredentials(_ reply: [UInt8]) {
        for tail in [[], [0x16, 3], [5, 0, 0, 1]] as [[UInt8]] {
            for trace in TunnelTrace.cuts([5, 0] + reply + tail, { Self.machine() }) {
                #expect(trace == TunnelTrace(sent: [Self.plainGreeting, Self.request], end: .established, rest: tail))
            }
        }
    }

    @Test func connectsWithCredentials() {
        for trace in TunnelTrace.cuts([5, 2, 1, 0] + Self.replies[0], { Self.machine(credentials: Self.credentials) }) {
            #expect(trace == TunnelTrace(sent: [Self.fullGreeting, Self.login, Self.request], end: .established))
        }
    }

    @Test func keepsCredentialsFromAProxyThatWantsNone() {
        let trace = TunnelTrace.of(Self.machine(credentials: Self.credentials), [[5, 0] + Self.replies[0]])
        #expect(trace == TunnelTrace(sent: [Self.fullGreeting, Self.request], end: .established))
    }

    @Test func asksForAddresses() {
        let v4 = TunnelTrace.of(Self.machine(.address([192, 0, 2, 1])), [[5, 0]])
        #expect(v4.sent.last == [5, 1, 0, 1, 192, 0, 2, 1, 0x01, 0xBB])
        let bytes = [UInt8](1...16)
        let v6 = TunnelTrace.of(Self.machine(.address(bytes)), [[5, 0]])
        #expect(v6.sent.last == [5, 1, 0, 4] + bytes + [0x01, 0xBB])
    }

    @Test func refusesADestinationThatCannotBeSaid() {
        let long = String(repeating: "a", count: 256)
        for destination in [.name(""), .name(long), .address([1, 2, 3])] as [SOCKS5Machine.Destination] {
            let trace = TunnelTrace.of(Self.machine(destination), [])
            #expect(trace == TunnelTrace(end: .failed(.unusableDestination)))
        }
        let longest = TunnelTrace.of(Self.machine(.name(String(long.dropLast()))), [[5, 0]])
        #expect(longest.sent.last?.prefix(5) == [5, 1, 0, 3, 255])
    }

    @Test(arguments: [
        (1, SOCKS5Refusal.generalFailure), (2, .notAllowed), (3, .networkUnreachable), (4, .hostUnreachable), (5, .connectionRefused),
        (6, .timeToLiveExpired), (7, .commandNotSupported), (8, .addressTypeNotSupported), (9, .unassigned(9)), (255, .unassigned(255)),
    ] as [(UInt8, SOCKS5Refusal)]) func tellsEveryRefusal(_ code: UInt8, _ refusal: SOCKS5Refusal) {
        // Whole, and closed right behind the code.
        for reply in [[5, code, 0, 1, 0, 0, 0, 0, 0, 0], [5, code]] {
            for trace in TunnelTrace.cuts([5, 0] + reply, { Self.machine() }) {
                #expect(trace.failure == .socksRefused(refusal))
            }
        }
        #expect(!refusal.description.isEmpty)
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var reply: [UInt8]
        var failure: ProxyFailure
        var hasCredentials = false
        var testDescription: String { "\(reply)" }
    }

    @Test(arguments: [
        Damage(reply: [4, 0], failure: .malformedSOCKS),
        Damage(reply: Array("HTTP/1.1 400 Bad Request\r\n".utf8), failure: .malformedSOCKS),
        Damage(reply: [5, 0xFF], failure: .noAcceptableMethod),
        Damage(reply: [5, 0xFF], failure: .noAcceptableMethod, hasCredentials: true),
        // A method that was not offered: GSSAPI, and user name and password without any.
        Damage(reply: [5, 1], failure: .malformedSOCKS, hasCredentials: true),
        Damage(reply: [5, 2], failure: .malformedSOCKS),
        Damage(reply: [5, 2, 1, 1], failure: .credentialsRefused, hasCredentials: true),
        Damage(reply: [5, 2, 5, 0], failure: .malformedSOCKS, hasCredentials: true),
        Damage(reply: [5, 0, 4, 0], failure: .malformedSOCKS),
        Damage(reply: [5, 0, 5, 0, 0, 2], failure: .malformedSOCKS),
    ]) func failsOnADamagedReply(_ damage: Damage) {
        let credentials = damage.hasCredentials ? Self.credentials : nil
        for trace in TunnelTrace.cuts(damage.reply, { Self.machine(credentials: credentials) }) {
            #expect(trace.failure == damage.failure)
        }
    }

    @Test(arguments: replies) func waitsForAWholeReply(_ reply: [UInt8]) {
        let whole = [5, 0] + reply
        for count in 0..<whole.count {
            #expect(TunnelTrace.of(Self.machine(), [Array(whole[..<count])]).end == .receive)
        }
    }

    @Test func takesAnyBytes() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<5_000 {
            var bytes: [UInt8] = [5, UInt8.random(in: 0...2, using: &random)]
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                bytes.append(UInt8.random(in: 0...(Bool.random(using: &random) ? 5 : 255), using: &random))
            }
            let credentials = Bool.random(using: &random) ? Self.credentials : nil
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let whole = TunnelTrace.of(Self.machine(credentials: credentials), [bytes])
            let pieces = TunnelTrace.of(Self.machine(credentials: credentials), [Array(bytes[..<cut]), Array(bytes[cut...])])
            #expect(whole == pieces)
        }
    }
}
