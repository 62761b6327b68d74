"""Settings for every test."""

import signal

from hypothesis import settings

# compiled kernels make the first example slow, and a seed makes a run repeatable
settings.register_profile("trilc", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("trilc")

# a shell ignores SIGINT for what it runs in the background, and programs that tests start would inherit that
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
