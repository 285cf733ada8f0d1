/// Why a catalogue was refused. A bad catalogue is never replaced or repaired in silence: prices would be wrong.
public enum CatalogueError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not JSON, or a field of the wrong type; `offset` counts bytes from the start of the file.
    case malformed(reason: String, offset: Int)
    /// The file as a whole says something this version cannot use.
    case unusable(reason: String)
    /// One model's facts contradict themselves.
    case badModel(provider: String, model: String, reason: String)

    public var description: String {
        switch self {
        case .malformed(let reason, let offset): "model catalogue: \(reason), at byte \(offset)"
        case .unusable(let reason): "model catalogue: \(reason)"
        case .badModel(let provider, let model, let reason): "model catalogue: \(provider)/\(model): \(reason)"
        }
    }
}
