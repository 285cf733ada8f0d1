/// Bounds of this module.
public enum RoutingLimits {
    /// A requested model name longer than this is unknown without a look-up: no provider has one near it.
    public static let modelNameBytesMax = 256
    /// Names whose providers a loop remembers.
    public static let namesRememberedMax = 256
    /// Nearest names offered for an unknown one.
    public static let nearestNamesMax = 3
    /// Edits (insertions, deletions, substitutions, swapped neighbours) that still count as near.
    public static let nearestEditsMax = 4
    /// Nesting accepted in a catalogue file.
    static let catalogueDepthMax = 16
    /// Models accepted in one catalogue file.
    static let catalogueModelsMax = 100_000
}
