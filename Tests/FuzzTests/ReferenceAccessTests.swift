import HTTP
import Testing

@testable import FuzzTargets

/// The second readings of addresses, proxies, secrets and times, against texts whose meaning is known.
@Suite struct ReferenceAccessTests {
    @Test(arguments: [
        ("10.0.0.1", [10, 0, 0, 1]), ("255.255.255.255", [255, 255, 255, 255]), ("10.0.0.01", nil), ("10.0.0", nil), ("10.0.0.256", nil),
        ("::", Array(repeating: 0, count: 16)), ("::1", Array(repeating: 0, count: 15) + [1]),
        ("1:2:3:4:5:6:1.2.3.4", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4]), ("Fd00::A", [0xFD] + Array(repeating: 0, count: 14) + [10]),
        ("1:2:3:4:5:6:7:8::", nil), ("1::2::3", nil), (":::", nil), ("1.2.3.4::", nil), ("12345::", nil), ("::1%eth0", nil), ("", nil),
    ] as [(String, [UInt8]?)])
    func addresses(text: String, bytes: [UInt8]?) {
        #expect(ReferenceAddress.parse(text) == bytes)
    }

    @Test(arguments: [
        ("10.0.0.0/9", "10.127.0.1", true), ("10.0.0.0/9", "10.128.0.0", false), ("0.0.0.0/0", "::1", false), ("::/0", "::1", true),
        ("::ffff:10.0.0.0/104", "10.1.1.1", true), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
    ]) func blocks(block: String, address: String, isInside: Bool) throws {
        let block = try #require(ReferenceAddress.block(block))
        #expect(ReferenceAddress.contains(block, try #require(ReferenceAddress.parse(address))) == isInside)
    }

    @Test func namesWithoutProxy() {
        let list = ReferenceNoProxy("a.example:443, *.b.example [::1]:8080,10.0.0.0/8,c:0")
        #expect(list.ignoredCount == 1)
        #expect(list.contains("www.A.example.", 443) && !list.contains("a.example", 80) && !list.contains("xa.example", 443))
        #expect(list.contains("b.example", 1) && list.contains("::1", 8080) && !list.contains("::1", 443) && list.contains("10.9.9.9", 1))
        #expect(ReferenceNoProxy("*").contains("anything", 1))
    }

    @Test func repliesAndSOCKS() throws {
        #expect(ReferenceReplies.statuses(Array("HTTP/1.1 100 C\r\n\r\nHTTP/1.0 200 OK\r\nA: b\r\n\r\n".utf8)[...]) == [100, 200])
        #expect(ReferenceReplies.statuses(Array("HTTP/1.1 200 OK\r\nA: b\r\n".utf8)[...]) == nil)
        #expect(ReferenceReplies.statuses([]) == [])
        let socks = ReferenceSOCKS(.name("a"), port: 258, hasCredentials: true)
        let run = socks.run([5, 2, 1, 0, 5, 0, 0, 3, 1, 0x78, 0, 0, 9])
        #expect(run == TunnelRun(sent: [[5, 2, 0, 2], [1, 2, 0x75, 0x73, 1, 0x70], [5, 1, 0, 3, 1, 0x61, 1, 2]], end: .established, rest: [9]))
        #expect(socks.run([5, 0, 5, 2]).end == .failed(.socksRefused(.notAllowed)))
        #expect(ReferenceSOCKS(.name("a"), port: 1, hasCredentials: false).run([5, 2]).end == .failed(.malformedSOCKS))
    }

    @Test func secrets() {
        let secret = ReferenceSecret("any carnal pleas", matchesParts: false)
        let spellings = secret.spellings.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(spellings.contains("YW55IGNhcm5hbCBwbGVhc") && spellings.contains("616e79206361726e616c20706c656173"))
        #expect(secret.spellings[0].runMin == 16 && ReferenceSecret("0123456789abcdef", matchesParts: true).spellings[0].runMin == 12)
        let text = ReferenceText(Array(#"x%61ny c\u0061rnal\u0020pleas"#.utf8))
        #expect(text.holds(secret.spellings[0]))
        #expect(text.finds(secret.spellings[0], isUnescaped: true) == [1..<29])
        #expect(!ReferenceText(Array("any carnal plea".utf8)).holds(secret.spellings[0]))
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2000-03-01T00:00:00+01:00", 951_865_200_000), ("1969-12-31T23:59:59.9990001Z", 0),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("9999-12-31T23:59:59.9991Z", nil), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
        ("2100-02-29T00:00:00Z", nil), ("1970-01-01T00:00:00", nil), ("1970-01-01T00:00:00.Z", nil),
    ] as [(String, Int64?)])
    func times(text: String, milliseconds: Int64?) {
        #expect(ReferenceTime.parse(text) == milliseconds)
    }

    @Test func placesAndQueries() {
        #expect(ReferencePlace(Array("GW.example:80".utf8))?.host == "gw.example" && ReferencePlace(Array("a:80".utf8))?.port == 80)
        #expect(ReferencePlace(Array("[::1]x".utf8)) == nil && ReferencePlace(Array("a:65536".utf8)) == nil)
        #expect(ReferenceQuery.parameters(Array("a=%2b+&a=c&d&%zz=1".utf8)) == ["a": "+ ", "d": "", "%zz": "1"])
        let browsers = ReferenceBrowsers(hasKeys: true, hosts: ["gw.example"], origins: ["https://app.example"])
        func origin(_ text: String) -> String { "\(browsers.origin(Array(text.utf8), Array("gw.example".utf8)))" }
        #expect(origin("https://gw.example") == "own" && origin("https://APP.example") == "allowed" && origin("https://app.example.evil") == "foreign")
    }
}
