import Foundation
import Streaming
import Testing

@testable import Dialects

/// JSON Schema put in Gemini's subset of OpenAPI, and back.
@Suite struct GeminiSchemaTests {
    /// The schema in the subset, keys sorted; nil when nothing is left of it.
    private func subset(_ json: String) throws -> String? {
        try withJSON(json) { value in
            guard let schema = GeminiSchema(value) else { return nil }
            var writer = JSONWriter()
            schema.write(to: &writer)
            return try canonical(try JSONSerialization.jsonObject(with: Data(writer.bytes)))
        }
    }

    /// A property of that schema in the subset.
    private func property(_ json: String) throws -> String? {
        try subset(##"{"type":"object","properties":{"keep":{"type":"string"},"p":\##(json)}}"##).flatMap { whole in
            let object = try JSONSerialization.jsonObject(with: Data(whole.utf8)) as? [String: Any]
            return try (object?["properties"] as? [String: Any])?["p"].map(canonical)
        }
    }

    @Test func whatIsTheSameStays() throws {
        #expect(
            try subset(##"""
                {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,"title":"T","description":"d",
                "properties":{"a":{"type":"string","minLength":1,"maxLength":9,"pattern":"^a"},"b":{"type":"integer","minimum":0,"maximum":5},
                "c":{"type":"array","items":{"type":"number"},"minItems":1,"maxItems":2,"uniqueItems":true},"d":{"type":"boolean","default":true}},"required":["a"]}
                """##)
                == ##"{"description":"d","properties":{"a":{"maxLength":9,"minLength":1,"pattern":"^a","type":"STRING"},"b":{"maximum":5,"minimum":0,"type":"INTEGER"},"c":{"items":{"type":"NUMBER"},"maxItems":2,"minItems":1,"type":"ARRAY"},"d":{"type":"BOOLEAN"}},"required":["a"],"title":"T","type":"OBJECT"}"##
        )
    }

    @Test(arguments: [
        (##"{"const":"x"}"##, ##"{"enum":["x"],"type":"STRING"}"##),
        (##"{"enum":["a","b",null]}"##, ##"{"enum":["a","b"],"nullable":true,"type":"STRING"}"##),
        (##"{"enum":[1,2],"description":"n"}"##, ##"{"description":"n One of: 1, 2","type":"INTEGER"}"##),
        (##"{"const":true}"##, ##"{"description":"One of: true","type":"BOOLEAN"}"##),
        (##"{"enum":["a",""]}"##, ##"{"description":"One of: \"a\", \"\"","type":"STRING"}"##),
        (##"{"type":["string","null"]}"##, ##"{"nullable":true,"type":"STRING"}"##),
        (##"{"type":["string","integer"],"description":"d"}"##, ##"{"anyOf":[{"description":"d","type":"STRING"},{"description":"d","type":"INTEGER"}]}"##),
        (##"{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"description":"d"}"##, ##"{"description":"d","nullable":true,"type":"STRING"}"##),
        (##"{"oneOf":[{"type":"string"},{"type":"integer","description":"own"}],"description":"d"}"##,
            ##"{"anyOf":[{"description":"d","type":"STRING"},{"description":"own","type":"INTEGER"}]}"##),
        (##"{"allOf":[{"type":"string","minLength":2}],"description":"d"}"##, ##"{"description":"d","minLength":2,"type":"STRING"}"##),
        (##"{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":10}"##, ##"{"maximum":9,"minimum":1,"type":"INTEGER"}"##),
        (##"{"type":"number","exclusiveMinimum":0.5}"##, ##"{"minimum":0.5,"type":"NUMBER"}"##),
        (##"{"type":"number","minimum":1,"exclusiveMinimum":true}"##, ##"{"minimum":1,"type":"NUMBER"}"##),
        (##"{"type":"string","format":"date-time"}"##, ##"{"format":"date-time","type":"STRING"}"##),
        (##"{"type":"string","format":"uri"}"##, ##"{"type":"STRING"}"##),
        (##"{"type":"integer","format":"int64"}"##, ##"{"format":"int64","type":"INTEGER"}"##),
        (##"{"type":"array"}"##, ##"{"items":{"type":"STRING"},"type":"ARRAY"}"##),
        (##"{"type":"array","prefixItems":[{"type":"number"},{"type":"string"}]}"##, ##"{"items":{"type":"NUMBER"},"type":"ARRAY"}"##),
        (##"{"items":{"type":"string"}}"##, ##"{"items":{"type":"STRING"},"type":"ARRAY"}"##),
        (##"{"properties":{"x":{}}}"##, ##"{"properties":{"x":{"type":"STRING"}},"type":"OBJECT"}"##),
        ("true", ##"{"type":"STRING"}"##), ("{}", ##"{"type":"STRING"}"##),
        (##"{"type":"STRING","nullable":true}"##, ##"{"nullable":true,"type":"STRING"}"##),
        (##"{"anyOf":[{"required":["x"]},{"required":["y"]}],"type":"object","properties":{"x":{"type":"string"}}}"##,
            ##"{"properties":{"x":{"type":"STRING"}},"type":"OBJECT"}"##),
    ])
    func keywords(_ schema: String, _ expected: String) throws {
        #expect(try property(schema) == expected)
    }

    @Test(arguments: [
        ##"{"type":"object"}"##, ##"{"type":"object","properties":{}}"##, ##"{"type":"object","additionalProperties":{"type":"string"}}"##,
        ##"{"type":"array","items":{"type":"object"}}"##, "false", "7", ##"{"$ref":"#/nowhere"}"##, ##"{"$ref":"https://elsewhere/x"}"##,
        ##"{"anyOf":[{"type":"object"},{"type":"null"}]}"##,
    ])
    func whatTheSubsetCannotSayIsLeftOut(_ schema: String) throws {
        #expect(try property(schema) == nil)
        #expect(try subset(##"{"type":"object","properties":{"p":\##(schema)}}"##) == nil)
        #expect(try subset(##"{"type":"object","properties":{"p":\##(schema),"q":{"type":"string"}},"required":["p","q"]}"##)
            == ##"{"properties":{"q":{"type":"STRING"}},"required":["q"],"type":"OBJECT"}"##)
    }

    @Test func references() throws {
        #expect(
            try subset(##"""
                {"type":"object","properties":{"a":{"$ref":"#/$defs/X","description":"mine"},"b":{"$ref":"#/definitions/a~1b%20c"}},
                "$defs":{"X":{"type":"object","description":"its","properties":{"y":{"$ref":"#/$defs/Y"}},"required":["y"]},"Y":{"enum":["1"]}},
                "definitions":{"a/b c":{"type":"integer"}}}
                """##)
                == ##"{"properties":{"a":{"description":"mine","properties":{"y":{"enum":["1"],"type":"STRING"}},"required":["y"],"type":"OBJECT"},"b":{"type":"INTEGER"}},"type":"OBJECT"}"##
        )
    }

    @Test func allOfJoinsProperties() throws {
        #expect(
            try subset(##"""
                {"allOf":[{"$ref":"#/$defs/A"},{"properties":{"b":{"type":"string"}},"required":["b"]}],"$defs":{"A":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}}
                """##)
                == ##"{"properties":{"a":{"type":"STRING"},"b":{"type":"STRING"}},"required":["a","b"],"type":"OBJECT"}"##)
    }

    @Test func aSchemaThatHoldsItselfIsCut() throws {
        #expect(
            try subset(##"""
                {"type":"object","properties":{"tree":{"$ref":"#/$defs/Node"}},"$defs":{"Node":{"type":"object","properties":{"label":{"type":"string"},
                "children":{"type":"array","items":{"$ref":"#/$defs/Node"}}},"required":["label","children"]}},"required":["tree"]}
                """##)
                == ##"{"properties":{"tree":{"properties":{"label":{"type":"STRING"}},"required":["label"],"type":"OBJECT"}},"required":["tree"],"type":"OBJECT"}"##
        )
        #expect(try subset(##"{"$ref":"#"}"##) == nil)
        #expect(try property(##"{"$ref":"#"}"##) == nil)
        #expect(try subset(##"{"$ref":"#/$defs/A","$defs":{"A":{"$ref":"#/$defs/B"},"B":{"$ref":"#/$defs/A"}}}"##) == nil)
    }

    /// Each definition holds the next one twice: without a bound it would be two to the power of sixty.
    @Test func referencesDoNotExplode() throws {
        var definitions = (0..<60).map { ##""d\##($0)":{"type":"object","properties":{"a":{"$ref":"#/$defs/d\##($0 + 1)"},"b":{"$ref":"#/$defs/d\##($0 + 1)"}}}"## }
        definitions.append(##""d60":{"type":"string"}"##)
        let wide = try subset(##"{"$ref":"#/$defs/d40","$defs":{\##(definitions.joined(separator: ","))}}"##)
        #expect((wide?.utf8.count ?? 0) < 1 << 20)
        let shallow = try #require(try subset(##"{"$ref":"#/$defs/d55","$defs":{\##(definitions.joined(separator: ","))}}"##))
        #expect(shallow.components(separatedBy: "STRING").count == 33)
    }

    /// What references repeat is bounded in bytes: types stay, texts that no longer fit are left out.
    @Test(arguments: [
        ##"{"type":"string","description":"TEXT"}"##, ##"{"type":"string","title":"TEXT"}"##, ##"{"type":"string","pattern":"TEXT"}"##,
        ##"{"enum":["TEXT"]}"##, ##"{"const":["TEXT"]}"##, ##"{"type":["string","integer","boolean"],"description":"TEXT"}"##,
        ##"{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"boolean"}],"description":"TEXT"}"##,
    ])
    func referencesDoNotRepeatLongTexts(_ definition: String) throws {
        let long = definition.replacingOccurrences(of: "TEXT", with: String(repeating: "x", count: 64 << 10))
        let properties = (0..<500).map { ##""p\##($0)":{"$ref":"#/$defs/D"}"## }.joined(separator: ",")
        let schema = ##"{"type":"object","properties":{\##(properties)},"$defs":{"D":\##(long)}}"##
        let written = try #require(try subset(schema))
        #expect(written.utf8.count < (DialectLimits.schemaGrowthMax + 1) * schema.utf8.count)
        #expect(written.contains("xxx") && written.contains(##""p499":{"##))
    }

    /// Names are texts too: without room for a property's name there is no property.
    @Test func referencesDoNotRepeatLongNames() throws {
        let name = String(repeating: "n", count: 64 << 10)
        let properties = (0..<100).map { ##""p\##($0)":{"$ref":"#/$defs/D"}"## }.joined(separator: ",")
        let schema = ##"{"type":"object","properties":{\##(properties)},"$defs":{"D":{"properties":{"\##(name)":{"type":"string"}},"required":["\##(name)"]}}}"##
        let written = try #require(try subset(schema))
        #expect(written.utf8.count < (DialectLimits.schemaGrowthMax + 1) * schema.utf8.count)
        #expect(written.contains(##""p0":{"##) && !written.contains(##""p99":{"##))
    }

    /// A step into a list costs what it passes: here the first reference takes nearly all there is.
    @Test func stepsIntoListsAreSpent() throws {
        let list = Array(repeating: ##"{"type":"integer"}"##, count: 60_000).joined(separator: ",")
        let properties = (0..<9).map { ##""p\##($0)":{"$ref":"#/lists/0/5999\##($0)"}"## }.joined(separator: ",")
        let written = try subset(##"{"type":"object","properties":{\##(properties)},"lists":[[\##(list)]]}"##)
        #expect(written == ##"{"properties":{"p0":{"type":"INTEGER"}},"type":"OBJECT"}"##)
    }

    // MARK: Back to JSON Schema

    private func schema(_ json: String, isOpenAPI: Bool = true) throws -> String {
        try withJSON(json) { value in
            var writer = JSONWriter()
            SchemaWriter.write(value, isOpenAPI: isOpenAPI, to: &writer)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }

    @Test(arguments: [
        (##"{"type":"OBJECT","properties":{"type":{"type":"STRING"},"nullable":{"type":"BOOLEAN"}},"required":["type"],"propertyOrdering":["type"]}"##,
            ##"{"type":"object","properties":{"type":{"type":"string"},"nullable":{"type":"boolean"}},"required":["type"]}"##),
        (##"{"type":"STRING","nullable":true,"format":"enum","enum":["A"]}"##, ##"{"type":["string","null"],"enum":["A",null]}"##),
        (##"{"type":"ARRAY","min_items":"2","items":{"type":"INTEGER","format":"int32"}}"##,
            ##"{"type":"array","minItems":2,"items":{"type":"integer","format":"int32"}}"##),
        (##"{"any_of":[{"type":"NUMBER"},{"type":"STRING"}],"nullable":true}"##, ##"{"anyOf":[{"type":"number"},{"type":"string"},{"type":"null"}]}"##),
        (##"{"type":"TYPE_UNSPECIFIED","description":"d"}"##, ##"{"description":"d"}"##),
        (##"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}"##,
            ##"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}"##),
        (##"{"type":["string","null"],"default":"STRING"}"##, ##"{"type":["string","null"],"default":"STRING"}"##),
        ("7", "7"), (##"{"properties":7,"items":"x","enum":{},"type":{}}"##, ##"{"items":"x","enum":[],"type":{}}"##),
    ])
    func openAPIAsJSONSchema(_ openAPI: String, _ expected: String) throws {
        #expect(try schema(openAPI) == expected)
    }

    @Test func jsonSchemaIsPassedAsItStands() throws {
        let json = ##"{"type":"STRING", "nullable":true}"##
        #expect(try schema(json, isOpenAPI: false) == json)
    }

    /// What the subset says of the corpus's tools is JSON Schema again, with every property that it kept.
    @Test(.enabled(if: !CorpusRecord.of(.gemini).isEmpty), arguments: CorpusRecord.of(.gemini))
    func recordedTools(_ record: CorpusRecord) throws {
        guard let body = try record.request(), record.features.contains("tools") || record.features.contains("tool-results") else { return }
        try Conversation.gemini(body) { conversation in
            for tool in conversation.tools {
                guard let schema = tool.schema else { continue }
                var writer = JSONWriter()
                GeminiSchema(schema)?.write(to: &writer)
                guard writer.count > 0 else { continue }
                let object = try #require(try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String: Any])
                #expect(object["type"] as? String == "OBJECT" && object["$defs"] == nil && object["additionalProperties"] == nil)
            }
        }
    }
}
