"""Lowering: from the model to words, and from words to gates."""
