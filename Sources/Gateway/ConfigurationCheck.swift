import HTTP

/// What can be wrong with a configuration beyond its texts: the files that it names, and addresses that only this machine can tell.
package enum ConfigurationCheck {
    /// Everything that would keep a gateway from starting with `configuration`, each where it was said. Reads files and the addresses of
    /// this machine's interfaces.
    /// - Parameter ports: those that a running gateway listens on; nil: those of the configuration.
    package static func problems(
        in configuration: GatewayConfiguration, ports: [UInt16]? = nil
    ) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        if let tls = configuration.server.tls { problems += self.problems(of: tls) }
        let own = OwnAddresses(configuration.server, ports: ports, interfaces: OwnAddresses.ofThisMachine())
        for provider in configuration.providers {
            if let problem = authorityProblem(of: provider) { problems.append(problem) }
            if own.contains(provider.baseURL) {
                problems.append(place(provider.baseURLPlace, provider.name).problem(OwnAddresses.fault))
            }
        }
        return problems
    }

    private static func place(_ place: SettingPlace?, _ field: String) -> SettingPlace {
        place ?? SettingPlace(source: .environment, line: nil, field: field)
    }

    private static func problems(of tls: TLSConfiguration) -> [ConfigurationProblem] {
        let certificatePlace = place(tls.certificatePlace, "server.tls.certificate")
        let keyPlace = place(tls.privateKeyPlace, "server.tls.private_key")
        let chain = ConfiguredFile.read(tls.certificateFile)
        let key = ConfiguredFile.read(tls.privateKeyFile)
        guard case .success(let chainBytes) = chain, case .success(let keyBytes) = key else {
            var problems: [ConfigurationProblem] = []
            if case .failure(let fault) = chain { problems.append(certificatePlace.problem(fault.message)) }
            if case .failure(let fault) = key { problems.append(keyPlace.problem(fault.message)) }
            return problems
        }
        do throws(TLSFailure) {
            _ = try TLSServerContext(certificateChain: chainBytes, privateKey: keyBytes)
            return []
        } catch {
            return [keyPlace.problem("with its certificate: \(error)")]
        }
    }

    private static func authorityProblem(of provider: ProviderConfiguration) -> ConfigurationProblem? {
        guard let path = provider.authorityFile else { return nil }
        let place = place(provider.authorityFilePlace, "\(provider.name).ca_file")
        switch ConfiguredFile.read(path) {
        case .failure(let fault): return place.problem(fault.message)
        case .success(let bytes):
            guard !bytes.isEmpty else { return place.problem("the file is empty") }
            var options = TLSClientContext.Options()
            options.authorities = bytes
            do throws(TLSFailure) {
                try TLSClientContext(options).prepare()
                return nil
            } catch {
                return place.problem("\(error)")
            }
        }
    }
}
