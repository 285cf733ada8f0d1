import CLinux
import Dialects
import HTTP
import Reactor
import Store
import Synchronization

/// The answers that come from the gateway itself: health, status, models, usage. Loop-confined; what blocks runs on the control queue.
final class ControlEndpoints {
    /// Reports that may wait or be at work.
    static let reportsMax = 8
    /// Records of one CSV export; a longer interval is refused, before it is read, with the advice to shorten it.
    static let exportRowsMax = 200_000
    /// Bytes of one CSV export: reached before the records only where names are long.
    static let exportBytesMax = 32 * 1024 * 1024
    /// Read by a client that ended its own side of the connection only, which counts as gone.
    private static let clientGone: StaticString = "The client closed the connection"
    /// Piece of a large answer that is queued at once.
    private static let pieceBytes = 16 * 1024

    private let context: GatewayContext
    private let loop: LoopContext

    init(context: GatewayContext, loop: LoopContext) {
        self.context = context
        self.loop = loop
    }

    func answer(_ route: Route, _ exchange: any ServerExchange) async {
        switch route {
        case .health: answerHealth(exchange, status: 200, "ok")
        case .live: answerHealth(exchange, status: 200, "ok")
        case .ready:
            let isReady = context.isReady.load(ordering: .relaxed)
            answerHealth(exchange, status: isReady ? 200 : 503, isReady ? "ok" : "draining")
        case .configStatus: answerJSON(exchange, StatusDocuments.configStatus(loop.snapshot.configuration, context))
        case .probe: exchange.answer(200, contentType: "text/plain; charset=utf-8", Array("Ekai Gateway\n".utf8))
        case .models(let shape): await answerModels(shape, exchange)
        case .model(let id, let shape): await answerModel(id, shape, exchange)
        case .usage: await answerUsage(exchange)
        case .metrics: await answerMetrics(exchange)
        default: preconditionFailure("not an endpoint of the gateway's own")
        }
    }

    // MARK: Health

    private func answerHealth(_ exchange: any ServerExchange, status: UInt16, _ word: String) {
        let time = UTCTime.text(ekai_realtime_ns() / 1_000_000)
        let body = #"{"status":"\#(word)","version":"\#(GatewayContext.version)","timestamp":"\#(time)"}"#
        answerJSON(exchange, body, status: status)
    }

    private func answerJSON(_ exchange: any ServerExchange, _ body: String, status: UInt16 = 200) {
        exchange.answer(status, contentType: "application/json", body.utf8) { fields in
            fields.add(.cacheControl, "no-store")
        }
    }

    // MARK: Models

    private func answerModels(_ shape: ModelShape, _ exchange: any ServerExchange) async {
        let models = loop.snapshot.models
        let parameters = PercentCoding.parameters(of: exchange.request.query)
        await answerOffLoop(exchange, on: context.controlQueue) { _ in
            .json(Array(ModelDocuments.list(models.servedModels(), parameters, shape).utf8))
        }
    }

    private func answerModel(_ id: String, _ shape: ModelShape, _ exchange: any ServerExchange) async {
        let models = loop.snapshot.models
        let dialect = Route.dialect(of: exchange.request)
        let requestID = ClientRequestID.of(exchange.request) ?? loop.nextRequestID()
        await answerOffLoop(exchange, on: context.controlQueue) { _ in
            guard let model = models.servedModels().first(where: { $0.id == id }) else {
                let error = ErrorBody(dialect: dialect, kind: .modelNotFound, message: "There is no model of this name.", requestID: requestID)
                return .status(404, error.json())
            }
            return .json(Array(ModelDocuments.one(model, shape).utf8))
        }
    }

    // MARK: Usage

    private func answerUsage(_ exchange: any ServerExchange) async {
        let query: UsageQuery
        do throws(UsageParameterError) {
            let parameters = PercentCoding.parameters(of: exchange.request.query)
            query = try UsageQuery(
                parameters: parameters.map { (name: $0.key, value: $0.value) }, now: ekai_realtime_ns() / 1_000_000)
        } catch {
            return answerJSON(exchange, "{\"error\":\(StatusDocuments.quoted(error.description))}", status: 400)
        }
        // Seen before the wakeup could tell.
        guard !exchange.isClientGone else { return refuse(exchange, Self.clientGone) }
        let books = context.store.books
        await answerOffLoop(exchange, on: context.reportQueue, abandonedBy: .downstreamGone) { abandonment in
            let books = books.givingUp { abandonment.isDeclared }
            do {
                switch query.format {
                case .json: return .json(try books.report(query).json())
                case .csv: return try Self.export(query, books)
                }
            } catch {
                return .status(503, Array(#"{"error":"The usage database cannot be read now"}"#.utf8))
            }
        }
    }

    private static func export(_ query: UsageQuery, _ books: UsageBooks) throws -> Document {
        let tooLarge = Document.status(
            400, Array(#"{"error":"The interval holds too many records for one export. Shorten it"}"#.utf8))
        guard try books.exportCount(query, upTo: exportRowsMax + 1) <= exportRowsMax else { return tooLarge }
        var csv: [UInt8] = []
        try books.exportCSV(query) { page in
            csv.append(contentsOf: page)
            return csv.count <= exportBytesMax
        }
        guard csv.count <= exportBytesMax else { return tooLarge }
        return .csv(csv, fileName: query.exportFileName)
    }

    // MARK: Metrics

    private func answerMetrics(_ exchange: any ServerExchange) async {
        await context.metrics.collect(exchange.wakeup, exchange.timer, on: loop.loop)
        let context = context
        await answerOffLoop(exchange, on: context.controlQueue) { _ in
            let text = MetricsDocument.text(
                context.metrics.totals(), books: context.store.counters, logLinesDropped: context.logWriter.linesDropped,
                process: .read(), version: GatewayContext.version)
            return .metrics(Array(text.utf8))
        }
    }

    // MARK: Off the loop

    private enum Document: Sendable {
        case json([UInt8])
        case csv([UInt8], fileName: String)
        case metrics([UInt8])
        case status(UInt16, [UInt8])
    }

    private func answerOffLoop(
        _ exchange: any ServerExchange, on queue: ControlQueue, abandonedBy abandonment: Signals = [],
        _ make: @escaping @Sendable (Abandonment) -> Document
    ) async {
        let document: Document
        switch await queue.value(for: exchange.wakeup, on: loop.loop, abandonedBy: abandonment, make) {
        case .done(let made): document = made
        case .refused: return refuse(exchange, "Too many reports are being made")
        case .abandoned: return refuse(exchange, Self.clientGone)
        }
        switch document {
        case .json(let body): await send(body, 200, "application/json", exchange) { _ in }
        case .status(let status, let body): await send(body, status, "application/json", exchange) { _ in }
        case .metrics(let body): await send(body, 200, MetricsText.contentType, exchange) { _ in }
        case .csv(let body, let fileName):
            await send(body, 200, "text/csv; charset=utf-8", exchange) { fields in
                fields.add(.contentDisposition, "attachment; filename=\"\(fileName)\"")
            }
        }
    }

    private func refuse(_ exchange: any ServerExchange, _ message: StaticString) {
        exchange.answer(503, contentType: "application/json", Array("{\"error\":\"\(message)\"}".utf8)) { fields in
            fields.add(.retryAfter, 1)
        }
    }

    /// A body of any size, queued piece by piece behind the watermark.
    private func send(
        _ body: [UInt8], _ status: UInt16, _ contentType: StaticString, _ exchange: any ServerExchange,
        _ fields: (inout any FieldWriter) -> Void
    ) async {
        exchange.sendHead(status, body: .length(UInt64(body.count))) { writer in
            writer.add(.contentType, contentType)
            writer.add(.cacheControl, "no-store")
            fields(&writer)
        }
        var start = 0
        while start < body.count {
            let end = min(start + Self.pieceBytes, body.count)
            body[start..<end].withUnsafeBytes { exchange.send($0) }
            start = end
            if exchange.isAboveHighWatermark, await !exchange.drained() { return }
        }
        exchange.finish()
    }
}
