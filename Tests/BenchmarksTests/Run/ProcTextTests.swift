import Testing

@testable import Benchmarks

@Suite struct ProcTextTests {
    private let status = """
        Name:	VmRSS: 1 kB
        VmHWM:	   12345 kB
        VmRSS:	    6789 kB
        RssAnon:	     321 kB
        voluntary_ctxt_switches:	42
        nonvoluntary_ctxt_switches:	7
        """

    @Test func readsNumbersOfAStatus() {
        #expect(ProcText.number("VmHWM", in: status) == 12_345)
        #expect(ProcText.number("VmRSS", in: status) == 6_789)
        #expect(ProcText.number("RssAnon", in: status) == 321)
        #expect(ProcText.number("voluntary_ctxt_switches", in: status) == 42)
        #expect(ProcText.number("ctxt_switches", in: status) == nil)
        #expect(ProcText.number("VmRSS", in: "") == nil)
    }

    @Test func readsChildren() {
        #expect(ProcText.processIDs("12 345 \n") == [12, 345])
        #expect(ProcText.processIDs("") == [])
    }

    /// Only the own end counts, and only what is established: listeners, half closed and other ports are none.
    @Test func countsEstablishedConnections() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
               1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
               2: 0100007F:1F90 0100007F:C002 08 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
               3: 0100007F:C001 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1
               4: 0100007F:1F90 0100007F:C003 01 00000000:00000000 00:00000000 00000000     0        0 5 1 0 20 4 30 10 -1
            """
        #expect(ProcText.established(port: 8_080, in: table) == 2)
        #expect(ProcText.established(port: 0xC001, in: table) == 1)
        #expect(ProcText.established(port: 80, in: table) == 0)
        #expect(ProcText.established(port: 80, in: "") == 0)
    }

    @Test func readsTheProcessorsName() {
        #expect(ProcText.value("model name", in: "processor\t: 0\nmodel name\t: A: fast one \n") == "A: fast one")
        #expect(ProcText.value("model name", in: "processor\t: 0\n") == nil)
    }
}
