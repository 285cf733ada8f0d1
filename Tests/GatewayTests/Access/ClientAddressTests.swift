import Reactor
import Testing

@testable import Gateway

@Suite struct ClientAddressTests {
    private static let proxies = ["10.0.0.0/8", "fd00::/8", "127.0.0.1"]

    private func address(_ peer: SocketAddress?, _ lines: [String], trusting proxies: [String] = proxies) throws -> String {
        let trusted = try proxies.map { try TrustedProxy(parsing: $0) }
        let buffers = lines.map { line in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: line.utf8.count, alignment: 1)
            copy.copyBytes(from: line.utf8)
            return UnsafeRawBufferPointer(copy)
        }
        defer { for buffer in buffers { buffer.deallocate() } }
        return ClientAddress(peer: peer, forwardedFor: buffers, trusted: trusted).description
    }

    private func peer(_ literal: String) -> SocketAddress? { SocketAddress(literal: literal, port: 4711) }

    @Test func withoutTrustThePeerIsTheClient() throws {
        #expect(try address(peer("192.0.2.1"), ["198.51.100.9"]) == "192.0.2.1")
        #expect(try address(peer("127.0.0.1"), ["198.51.100.9"], trusting: []) == "127.0.0.1")
        #expect(try address(peer("2001:db8::1"), ["198.51.100.9"]) == "2001:db8::1")
    }

    @Test(arguments: [
        (["198.51.100.9"], "198.51.100.9"), (["203.0.113.5, 198.51.100.9"], "198.51.100.9"), (["198.51.100.9, 10.0.0.7"], "198.51.100.9"),
        (["203.0.113.5", "198.51.100.9,10.0.0.7", " fd00::2 "], "198.51.100.9"), (["10.0.0.9, 10.0.0.7"], "10.0.0.9"),
        (["198.51.100.9:1234"], "198.51.100.9"), (["2001:db8::5"], "2001:db8::5"), (["[2001:db8::5]"], "2001:db8::5"),
        (["[2001:DB8::5]:443"], "2001:db8::5"), (["::ffff:198.51.100.9"], "198.51.100.9"), (["198.51.100.9, ::ffff:10.0.0.7"], "198.51.100.9"),
    ]) func trustedHopsAreWalked(_ lines: [String], _ expected: String) throws {
        #expect(try address(peer("10.0.0.1"), lines) == expected)
    }

    @Test(arguments: [
        "unknown", "", ",", "198.51.100.9,", "_hidden", "198.51.100.9, unknown", "999.1.1.1", "198.51.100.9:x", "198.51.100.9:70000", "[2001:db8::5",
        "[198.51.100.9]", "[2001:db8::5]x", "2001:db8::5:x", "for=198.51.100.9", "198.51.100.9 evil", "\u{1F30D}", "\u{A0}198.51.100.9", "198.51.100.9\0",
        String(repeating: " ", count: 80) + "198.51.100.9",
    ]) func brokenEntriesEndTheWalk(_ line: String) throws {
        #expect(try address(peer("10.0.0.1"), [line]) == "10.0.0.1")
        #expect(try address(peer("10.0.0.1"), ["198.51.100.9, \(line), 10.0.0.3"]) == "10.0.0.3")
    }

    @Test func longListsAreNotWalkedToTheirEnd() throws {
        let list = "198.51.100.9" + String(repeating: ", 10.0.0.3", count: AccessLimits.forwardedHopsMax)
        #expect(try address(peer("10.0.0.1"), [list]) == "10.0.0.3")
        #expect(try address(peer("10.0.0.1"), [String(list.dropLast(10))]) == "198.51.100.9")
    }

    @Test func socketsAreTrustedWhereListed() throws {
        let socket = SocketAddress(path: "/run/ekai.sock")
        #expect(try address(socket, ["198.51.100.9"]) == "unix")
        #expect(try address(socket, ["198.51.100.9"], trusting: ["unix"]) == "198.51.100.9")
        #expect(try address(nil, ["198.51.100.9"], trusting: ["unix", "0.0.0.0/0"]) == "unknown")
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"), ("10.9.9.9/8", "10.0.0.1", "9.255.255.255"), ("192.0.2.0/25", "192.0.2.127", "192.0.2.128"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.0"), ("0.0.0.0/0", "255.255.255.255", "::1"), ("::/0", "2001:db8::1", "1.2.3.4"),
        ("fd00::/8", "fdff::1", "fe00::"), ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"), ("::1", "::1", "::2"),
        ("::ffff:10.0.0.0/104", "10.1.2.3", "11.0.0.0"),
    ]) func rangesHoldTheirAddresses(_ range: String, _ inside: String, _ outside: String) throws {
        let network = try IPNetwork(parsing: range)
        #expect(network.contains(try #require(IPAddress(inside))))
        #expect(!network.contains(try #require(IPAddress(outside))))
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "::/129", "example.com", "10.0.0.0/8/8", "[::1]", "10.0.0.1:80", "UNIX"])
    func othersAreNoRanges(_ text: String) {
        #expect(throws: ValueFault.self) { try TrustedProxy(parsing: text) }
    }
}
