"""The cells: one folder each, holding its integer meaning, its exact folding and its word-level form."""
