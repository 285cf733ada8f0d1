/// What usage rows cost: the gateway with them and without.
struct Accounting: Scenario {
    private static let offName = "gateway, usage off"
    private static let rate = Metric("requests_per_second", "requests/s", isCompared: true, isRate: true)

    let name = "accounting"
    let summary = "short requests as above, usage rows on (durable within 1 s) against off"
    let metrics = [ShortRequests.processorTime, rate]
    let floor = offName
    let targets = [Target("at least 0.9 of the requests/s without usage rows", rate, .ratioAtLeast(0.9))]

    func contenders(_ all: [Contender]) -> [Contender] {
        let on = all.filter { $0.name == Contender.gatewayName }
        return on + on.compactMap { $0.withoutAccounting(name: Self.offName) }
    }

    func measure(_ server: RunningServer, round: Int, _ bench: Bench) throws -> Measurement {
        try ShortRequests.measure(server, bench)
    }
}
