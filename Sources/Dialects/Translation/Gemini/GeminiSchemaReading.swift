import Streaming

/// Reads JSON Schema into Gemini's subset.
///
/// A schema is read as layers: itself, what its `$ref` stands for, and each member of its `allOf`. Of most keywords the first layer's counts; properties and
/// `required` are all layers' together.
///
/// A reference repeats what it stands for, so what is read is bounded twice: in parts, which are the work, and in bytes, which are what is written.
struct GeminiSchemaReading {
    private let root: JSONValue
    private var partsLeft = DialectLimits.schemaPartsMax
    /// What may still be taken over, in bytes.
    private var bytesLeft: Int
    /// What texts that a schema can do without leave of it for the parts.
    private let bytesForParts: Int
    private var depth = 0
    /// What references were found to stand for.
    private var targets: [String: JSONValue] = [:]
    /// Places of the schemas that references were followed to, around the one being read: one that comes again holds itself.
    private var open: [Int] = []

    init(root: JSONValue) {
        self.root = root
        bytesLeft = DialectLimits.schemaGrowthMax * root.rawBytes.count + DialectLimits.schemaBytesBeside
        bytesForParts = bytesLeft / 4
        open = [root.range.lowerBound]
    }

    /// The schema in the subset; nil for one that it cannot say.
    mutating func node(_ schema: JSONValue) -> GeminiSchemaNode? {
        // `true`: anything goes. A text can hold most.
        if schema.bool == true { return pay(DialectLimits.schemaNodeBytes) ? GeminiSchemaNode(type: .string) : nil }
        guard schema.isObject, depth < DialectLimits.schemaDepthMax else { return nil }
        depth += 1
        let outer = open.count
        defer {
            depth -= 1
            open.removeLast(open.count - outer)
        }
        var layers: [JSONValue] = []
        guard collect(schema, into: &layers) else { return nil }
        return read(layers)
    }

    // MARK: Layers

    /// False for a schema that holds itself, or is too deep.
    private mutating func collect(_ schema: JSONValue, into layers: inout [JSONValue]) -> Bool {
        guard layers.count < DialectLimits.schemaDepthMax, spend(on: schema) else { return false }
        layers.append(schema)
        if let text = schema.present("$ref"), text.isString {
            guard pay(text.rawBytes.count), let reference = text.string, let target = target(of: reference),
                !open.contains(target.range.lowerBound)
            else { return false }
            open.append(target.range.lowerBound)
            guard collect(target, into: &layers) else { return false }
        }
        for member in schema.present("allOf")?.elements.map({ $0 }) ?? [] where member.isObject {
            guard collect(member, into: &layers) else { return false }
        }
        return true
    }

    /// Takes what reading the schema costs from what is left: its members, and the elements of those that are lists. False when it is too much.
    private mutating func spend(on schema: JSONValue) -> Bool {
        partsLeft -= 1
        for member in schema.members {
            partsLeft -= 1
            for _ in member.value.elements {
                partsLeft -= 1
                guard partsLeft > 0 else { return false }
            }
            guard partsLeft > 0 else { return false }
        }
        return partsLeft > 0
    }

    /// Takes what is taken over from what is left. False, and nothing taken, when it is too much: it is left out.
    private mutating func pay(_ bytes: Int, leaving rest: Int = 0) -> Bool {
        guard bytes <= bytesLeft - rest else { return false }
        bytesLeft -= bytes
        return true
    }

    /// The text, if it can be paid for.
    private mutating func paid(_ text: JSONText?, leaving rest: Int = 0) -> JSONText? {
        text.flatMap { pay($0.byteCount, leaving: rest) ? $0 : nil }
    }

    /// What a reference stands for. Each one is looked up once.
    private mutating func target(of reference: String) -> JSONValue? {
        if let known = targets[reference] { return known }
        guard let target = resolved(reference) else { return nil }
        targets[reference] = target
        return target
    }

    /// What a reference inside of the document stands for (RFC 6901).
    private mutating func resolved(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#") else { return nil }
        var value = root
        for step in reference.dropFirst().split(separator: "/") {
            var name = Self.unescaped(step)
            let next: JSONValue? =
                if value.isArray, let place = Int(name) {
                    element(at: place, of: value)
                } else if spend(on: value) {
                    name.withUTF8 { value.member(UnsafeRawBufferPointer($0)) }
                } else {
                    nil
                }
            guard let next else { return nil }
            value = next
        }
        return value.isObject ? value : nil
    }

    private mutating func element(at place: Int, of list: JSONValue) -> JSONValue? {
        var elements = list.elements
        var offset = 0
        while partsLeft > 0, let element = elements.next() {
            partsLeft -= 1
            if offset == place { return element }
            offset += 1
        }
        return nil
    }

    /// `~1` is a slash, `~0` a tilde; percent signs are an URL's.
    private static func unescaped(_ step: Substring) -> String {
        guard step.contains("~") || step.contains("%") else { return String(step) }
        var bytes: [UInt8] = []
        var rest = step.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let code = UInt8(String(rest.prefix(2)) ?? "", radix: 16) {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else if byte == UInt8(ascii: "~"), let code = rest.first {
                bytes.append(code == UInt8(ascii: "1") ? UInt8(ascii: "/") : UInt8(ascii: "~"))
                rest = rest.dropFirst()
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func first(_ name: StaticString, in layers: [JSONValue]) -> JSONValue? {
        for layer in layers {
            if let value = layer.present(name) { return value }
        }
        return nil
    }

    // MARK: Reading

    private mutating func read(_ layers: [JSONValue]) -> GeminiSchemaNode? {
        var node = GeminiSchemaNode()
        node.description = JSONText(Self.first("description", in: layers))
        node.isNullable = Self.first("nullable", in: layers)?.bool ?? false
        let types = readTypes(layers, into: &node)
        readValues(layers, into: &node)
        if node.type == nil, types.isEmpty, !hasShape(layers), let alternatives = alternatives(of: layers) {
            return join(alternatives, into: node, layers)
        }
        if types.count > 1 { return union(types, node, layers) }
        node.type = types.first ?? node.type ?? inferred(layers)
        return fill(node, layers)
    }

    /// A schema that says itself what it is: its alternatives only narrow it further.
    private func hasShape(_ layers: [JSONValue]) -> Bool {
        layers.contains { $0.present("properties") != nil || $0.present("items") != nil }
    }

    private func inferred(_ layers: [JSONValue]) -> SchemaType {
        if layers.contains(where: { $0.present("properties") != nil || $0.present("additionalProperties")?.isObject ?? false }) { return .object }
        return layers.contains { $0.present("items") != nil || $0.present("prefixItems") != nil } ? .array : .string
    }

    /// The types that are named, without `null`, which makes the schema nullable.
    private func readTypes(_ layers: [JSONValue], into node: inout GeminiSchemaNode) -> [SchemaType] {
        guard let value = Self.first("type", in: layers) else { return [] }
        var types: [SchemaType] = []
        for element in value.isArray ? value.elements.map({ $0 }) : [value] {
            guard let type = SchemaType(element) else { continue }
            if type == .null { node.isNullable = true } else if !types.contains(type) { types.append(type) }
        }
        return types
    }

    /// `enum` and `const`. The subset's `enum` holds texts that are not empty.
    private func readValues(_ layers: [JSONValue], into node: inout GeminiSchemaNode) {
        let list = Self.first("const", in: layers).map { [$0] } ?? Self.first("enum", in: layers)?.elements.map { $0 } ?? []
        let values = list.filter { !$0.isNull }
        if values.count < list.count { node.isNullable = true }
        guard let example = values.first else { return }
        if values.allSatisfy(\.isNonEmptyString) {
            node.type = .string
            node.values = values.compactMap(JSONText.init)
            return
        }
        node.describedValues = values
        switch example.kind {
        case .number: node.type = values.allSatisfy { $0.int64 != nil } ? .integer : .number
        case .true, .false: node.type = .boolean
        default: node.type = .string
        }
    }

    // MARK: Alternatives

    /// The members of `anyOf` or `oneOf`, `null` among them; nil when there are none.
    private func alternatives(of layers: [JSONValue]) -> [JSONValue]? {
        guard let list = Self.first("anyOf", in: layers) ?? Self.first("oneOf", in: layers), list.isFilledContainer, list.isArray else { return nil }
        return list.elements.map { $0 }
    }

    private mutating func join(_ alternatives: [JSONValue], into outer: GeminiSchemaNode, _ layers: [JSONValue]) -> GeminiSchemaNode? {
        var isNullable = outer.isNullable
        var nodes: [GeminiSchemaNode] = []
        for alternative in alternatives {
            if let type = alternative.present("type"), SchemaType(type) == .null {
                isNullable = true
                continue
            }
            if let node = node(alternative) { nodes.append(node) }
        }
        // Alternatives stand alone in the subset: what is said of all of them is said of each.
        for place in nodes.indices {
            if nodes[place].description == nil || nodes.count == 1, let shared = paid(outer.description, leaving: bytesForParts) {
                nodes[place].description = shared
            }
            nodes[place].isNullable = nodes[place].isNullable || isNullable
        }
        guard nodes.count > 1 else { return nodes.first }
        var joined = GeminiSchemaNode()
        joined.anyOf = nodes.flatMap { $0.anyOf.isEmpty ? [$0] : $0.anyOf }
        return joined
    }

    /// A list of types: one alternative for each.
    private mutating func union(_ types: [SchemaType], _ node: GeminiSchemaNode, _ layers: [JSONValue]) -> GeminiSchemaNode? {
        var nodes: [GeminiSchemaNode] = []
        for type in types {
            var one = node
            one.type = type
            if type != .string { one.values = [] }
            if let filled = fill(one, layers) { nodes.append(filled) }
        }
        guard nodes.count > 1 else { return nodes.first }
        var joined = GeminiSchemaNode()
        joined.anyOf = nodes
        return joined
    }

    // MARK: Types

    /// What belongs to the node's type; nil when the subset has no such thing.
    private mutating func fill(_ start: GeminiSchemaNode, _ layers: [JSONValue]) -> GeminiSchemaNode? {
        guard pay(DialectLimits.schemaNodeBytes) else { return nil }
        var node = start
        payTexts(of: &node)
        if let title = Self.first("title", in: layers), title.isString { add("title", title, to: &node) }
        switch node.type {
        case .object:
            guard fillObject(&node, layers) else { return nil }
        case .array:
            guard fillArray(&node, layers) else { return nil }
        case .string:
            if Self.first("format", in: layers)?.equals("date-time") ?? false { node.format = "date-time" }
            take(["minLength", "maxLength", "pattern"], from: layers, into: &node)
        case .integer, .number:
            fillNumber(&node, layers)
        case .boolean, .null, nil:
            break
        }
        return node
    }

    /// Pays for the node's own texts, or leaves them out: the values all or none, as some of them would say that there are no others.
    private mutating func payTexts(of node: inout GeminiSchemaNode) {
        node.description = paid(node.description, leaving: bytesForParts)
        if !pay(node.values.reduce(0) { $0 + $1.byteCount + 3 }, leaving: bytesForParts) { node.values = [] }
        if !pay(node.describedValues.reduce(0) { $0 + $1.rawBytes.count + 2 }, leaving: bytesForParts) { node.describedValues = [] }
    }

    private mutating func fillObject(_ node: inout GeminiSchemaNode, _ layers: [JSONValue]) -> Bool {
        var names: Set<String> = []
        for layer in layers {
            guard let properties = layer.present("properties"), properties.isObject else { continue }
            for property in properties.members where partsLeft > 0 {
                guard let name = paid(JSONText(property.name)), !names.contains(name.string), let child = self.node(property.value) else { continue }
                names.insert(name.string)
                node.properties.append((name, child))
            }
        }
        guard !node.properties.isEmpty else { return false }
        var required: Set<String> = []
        for layer in layers {
            for element in layer.present("required")?.elements.map({ $0 }) ?? [] {
                guard let name = paid(JSONText(element)), names.contains(name.string), required.insert(name.string).inserted else { continue }
                node.required.append(name)
            }
        }
        return true
    }

    private mutating func fillArray(_ node: inout GeminiSchemaNode, _ layers: [JSONValue]) -> Bool {
        // A tuple has no words in the subset: its first place stands for all.
        let items = Self.first("items", in: layers) ?? Self.first("prefixItems", in: layers)
        if let items {
            guard let child = items.isArray ? items.firstElement : items, let item = self.node(child) else { return false }
            node.items = [item]
        } else {
            node.items = [GeminiSchemaNode(type: .string)]
        }
        take(["minItems", "maxItems"], from: layers, into: &node)
        return true
    }

    private mutating func fillNumber(_ node: inout GeminiSchemaNode, _ layers: [JSONValue]) {
        let formats: [StaticString] = node.type == .integer ? ["int32", "int64"] : ["float", "double"]
        if let format = Self.first("format", in: layers) { node.format = formats.first { format.equals($0) } }
        let isInteger = node.type == .integer
        take(["minimum", "maximum"], from: layers, into: &node)
        // An exclusive bound is the next integer, or for other numbers the bound itself.
        if let bound = Self.first("exclusiveMinimum", in: layers), bound.isNumber, Self.first("minimum", in: layers) == nil {
            if isInteger, let value = bound.int64, value < .max { node.minimum = value + 1 } else { add("minimum", bound, to: &node) }
        }
        if let bound = Self.first("exclusiveMaximum", in: layers), bound.isNumber, Self.first("maximum", in: layers) == nil {
            if isInteger, let value = bound.int64, value > .min { node.maximum = value - 1 } else { add("maximum", bound, to: &node) }
        }
    }

    private mutating func take(_ names: [StaticString], from layers: [JSONValue], into node: inout GeminiSchemaNode) {
        for name in names {
            if let value = Self.first(name, in: layers) { add(name, value, to: &node) }
        }
    }

    private mutating func add(_ name: StaticString, _ value: JSONValue, to node: inout GeminiSchemaNode) {
        if pay(name.utf8CodeUnitCount + value.rawBytes.count, leaving: bytesForParts) { node.bounds.append((name, value)) }
    }
}
