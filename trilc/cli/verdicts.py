"""What verify and diff say of two machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trilc.prove.counterexample import Counterexample
    from trilc.prove.pair import Pair
    from trilc.prove.verification import Verification

EXIT_CODES = {"equal": 0, "different": 1, "unknown": 3}
"""By answer."""

CODES_HELP = """\b
Exit codes: 0 equal; 1 different; 3 unknown; 2, with one line on standard error, for whatever you can mend.
"""


def told(found: Verification) -> str:
    """The verdict's line, after its first word."""
    if found.counterexample is None:
        return found.how
    count = len(found.counterexample.steps)
    unit = "step" if found.counterexample.tokens is None else "token"
    return f"after {count:,} {unit}{'s' * (count != 1)}; {found.how}"


def shown(compared: Pair, example: Counterexample, a: str, b: str) -> list[str]:
    """The stream, and what each side says after it."""
    lines = []
    if example.tokens is not None:
        lines.append(f"  tokens  {' '.join(map(str, example.tokens))}")
        if (text := text_of(compared, example)) is not None:
            lines.append(f"  text    {quoted(text)}")
    else:
        for number, step in enumerate(example.steps, 1):
            lines.append(f"  step {number}  {' '.join(f'{name}={bit}' for name, bit in step.items())}")
    if example.start:
        lines.append(f"  from    {' '.join(f'{name}={bit}' for name, bit in example.start.items())}")
    width = max(len(a), len(b))
    for name, side in ((a, 0), (b, 1)):
        lines.append(f"  {name:{width}}  says {said_by(compared, example, side)}")
    return lines


def text_of(compared: Pair, example: Counterexample) -> str | None:
    """The names of its tokens, joined, where they have names."""
    if compared.tokens is None or example.tokens is None:
        return None
    return "".join(compared.tokens[token] for token in example.tokens)


def said_by(compared: Pair, example: Counterexample, side: int) -> str:
    """What one side says, as far as the other does not."""
    values = (example.a, example.b)[side]
    if example.held[0] != example.held[1]:
        return f"that this step {'may' if example.held[side] else 'can not'} occur (its constraints)"
    if example.said is None or compared.outputs is None:
        differing = [
            f"{name}={value}"
            for name, value in zip(example.output_names, values, strict=True)
            if name in example.where
        ]
        return " ".join(differing)
    if compared.outputs == "argmax":
        token = example.said[side][0]
        names = compared.tokens or ()
        return f"{token} {quoted(names[token])}" if token < len(names) else str(token)
    words = list(dict.fromkeys(name.partition("[")[0] for name in example.output_names))
    spoken = example.output_names if compared.outputs == "state" else words
    pairs = zip(spoken, *example.said, strict=True)
    return " ".join(f"{name}={both[side]}" for name, *both in pairs if both[0] != both[1])


def as_facts(compared: Pair, found: Verification) -> dict[str, Any]:
    """A verification for JSON."""
    example = found.counterexample
    facts: dict[str, Any] = {
        "outputs": compared.outputs,
        "vocabulary": compared.vocabulary,
        "answer": found.answer.value,
        "how": found.how,
        "no_difference_up_to": found.depth,
        "states": found.states,
        "random_streams": found.streams,
        "random_steps": found.steps,
        "counterexample": None,
    }
    if example is not None:
        names = example.output_names
        facts["counterexample"] = {
            "tokens": example.tokens,
            "text": text_of(compared, example),
            "steps": example.steps,
            "start": example.start,
            "where": example.where,
            "shortest": found.shortest,
            "held": example.held,
            "a": dict(zip(names, example.a, strict=True)),
            "b": dict(zip(names, example.b, strict=True)),
            "said": example.said,
        }
    return facts


def quoted(text: str) -> str:
    """Names may hold anything, but print on one line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in json.dumps(text, ensure_ascii=False))
