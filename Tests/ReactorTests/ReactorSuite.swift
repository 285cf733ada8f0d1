import Testing

/// Every test of the module, one after the other: some use up the process's descriptors, all count turns.
@Suite(.serialized, .timeLimit(.minutes(1))) struct ReactorSuite {}
