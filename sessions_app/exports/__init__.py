"""A released program in the formats other programs read: pure functions to bytes."""
