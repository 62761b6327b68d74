"""What runs a model: gates in many lanes, words of sums, or the numpy reference; all say the same.

``engine`` says what an engine is, ``choice`` which one suits; each of the others has one.
"""
