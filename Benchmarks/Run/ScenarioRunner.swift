import Foundation

/// Carries out a scenario: starts servers, gives each its turn in each round, judges the targets.
struct ScenarioRunner {
    let scenario: any Scenario
    let settings: RunSettings
    /// Says how far it is.
    let progress: (String) -> Void

    /// - Parameter folder: a new one, removed by the caller.
    /// - Throws: `RunFailure` when the provider does not start.
    func run(_ all: [Contender], folder: URL) throws -> ScenarioResult {
        let bench = try Bench(settings, folder: folder, providerOptions: scenario.providerOptions)
        defer { bench.end() }
        let contenders = scenario.contenders(all)
        var result = ScenarioResult(
            name: scenario.name, summary: scenario.summary, metrics: scenario.metrics, floor: shownFloor(contenders),
            servers: contenders.map { ServerResult(name: $0.name, isGateway: $0.isGateway) })
        var running: [String: RunningServer] = [:]
        defer { for server in running.values { server.end() } }
        if scenario.life == .scenario {
            for (index, contender) in contenders.enumerated() {
                do {
                    running[contender.name] = try warmed(contender, bench)
                } catch {
                    result.servers[index].problems.append("does not take part: \(error)")
                }
            }
        }
        for round in 1...max(1, min(settings.rounds, scenario.roundsMax)) {
            // There and back: what goes before must not always be the same.
            let order = Array(contenders.enumerated())
            for (index, contender) in round.isMultiple(of: 2) ? order.reversed() : order where scenario.life == .measurement || running[contender.name] != nil {
                let measurement = turn(of: contender, running[contender.name], round, bench)
                result.servers[index].add(measurement, round: round, metrics: scenario.metrics)
                say(measurement, contender.name, round)
            }
        }
        result.targets = scenario.targets.map {
            $0.judge(result.server(Contender.gatewayName), floor: result.server(scenario.floor))
        }
        return result
    }

    /// Another build of the gateway stands in for a floor that is absent. Targets it does not stand in for.
    private func shownFloor(_ contenders: [Contender]) -> String {
        let names = contenders.map(\.name)
        return !names.contains(scenario.floor) && names.contains(Contender.baselineName) ? Contender.baselineName : scenario.floor
    }

    private func warmed(_ contender: Contender, _ bench: Bench) throws -> RunningServer {
        let server = try bench.start(contender)
        do {
            try scenario.warmUp(server, bench)
        } catch {
            server.end()
            throw error
        }
        return server
    }

    /// A turn that fails is a problem of that server, not the end of the run.
    private func turn(of contender: Contender, _ running: RunningServer?, _ round: Int, _ bench: Bench) -> Measurement {
        do {
            if let running { return try scenario.measure(running, round: round, bench) }
            let server = try warmed(contender, bench)
            defer { server.end() }
            return try scenario.measure(server, round: round, bench)
        } catch {
            return Measurement(problems: ["\(error)"])
        }
    }

    private func say(_ measurement: Measurement, _ server: String, _ round: Int) {
        let figures = scenario.metrics.compactMap { metric in
            measurement.values[metric.id].map { "\(metric.title) \(Figure.text($0))" }
        }
        progress("\(scenario.name), round \(round), \(server): " + (figures + measurement.problems).joined(separator: ", "))
    }
}
