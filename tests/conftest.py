"""Settings for every test."""

from hypothesis import settings

# compiled kernels make the first example slow, and a seed makes a run repeatable
settings.register_profile("trilc", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("trilc")
