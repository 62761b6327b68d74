"""What may reach a terminal."""

from __future__ import annotations

import re

_OBEYED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What terminals act on: controls besides the ends of lines and tabs, and what turns the direction of writing."""


def visible(text: str) -> str:
    """The text with everything that a terminal would act on spelt out; lines stay lines."""
    return _OBEYED.sub(lambda found: ascii(found[0])[1:-1], text)
