"""Questions that are asked of every machine, and those that somebody asks; with verdicts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from trilc.explain.inquiry import Inquiry, Reply
from trilc.explain.language import parse
from trilc.explain.language.syntax import Change, Why
from trilc.explain.subject import Trace
from trilc.report.specimen import Specimen
from trilc.report.text import Text

GIVEN = 10
"""Tokens of the text that questions about a certain input are about."""
BACK = 24
"""How far back a dependence is asked for."""

Say = Callable[[str], None]


def questions(
    specimen: Specimen, text: Text, asked: Sequence[str], end: float | None, say: Say
) -> list[dict[str, Any]]:
    """The answers to what is asked, and then to the usual questions.

    ``end``, of :func:`time.monotonic`, is shared out among them as they come; what is still open then is unknown. With
    None there is no time for any: what is asked is still looked at, the usual questions are not. Raises
    :class:`InputError` for what can't be asked.
    """
    terms = specimen.terms
    needs_input = [isinstance(parse(question, terms), Change | Why) for question in asked]
    given = text.tokens[:GIVEN].tolist()
    found = []
    usual = [] if end is None else list(_usual(specimen, text))
    everything = [*zip(asked, needs_input, strict=True), *usual]
    for number, (question, needs) in enumerate(everything):
        say(question)
        left = 0.0 if end is None else max(0.0, end - time.monotonic()) / (len(everything) - number)
        inquiry = Inquiry(specimen.source, question, given if needs else None, left)
        found.append(_facts(inquiry.conclude(say), given if needs else None, number < len(asked), question))
    return found


def _usual(specimen: Specimen, text: Text) -> Iterator[tuple[str, bool]]:
    """What anybody would ask, and whether it is about a certain input."""
    terms = specimen.terms
    if terms.num_outputs:
        read = np.bincount(text.tokens, minlength=terms.vocabulary)
        if text.said is not None and terms.num_outputs == terms.vocabulary:
            said = np.bincount(text.said, minlength=terms.num_outputs)
            most = int(np.argmax(read))
            heard = np.flatnonzero(said)
            rare = int(heard[np.argmin(said[heard])])
            yield f"shortest input so that out={_named(specimen, rare)}", False
            yield f"never out={_named(specimen, rare)} after tok={_named(specimen, most)}", False
            if rare != most:
                yield f"never out={_named(specimen, most)} after tok={_named(specimen, most)}", False
        yield f"does out depend on tok@-{BACK}", False
    if (pair := _alike(text)) is not None:
        one, other, same = pair
        yield f"{'always' if same else 'never'} h[{one}] == h[{other}]", False
    if terms.num_outputs:
        yield "minimal change of input that flips out", True
    yield "constant h[*]", False


def _named(specimen: Specimen, token: int) -> str:
    """A token as questions name it."""
    names = specimen.terms.tokens
    if names is None:
        return str(token)
    escaped = names[token].replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return f"'{escaped}'"


def _alike(text: Text) -> tuple[int, int, bool] | None:
    """The two bits that are most often the same, or most often opposite, on the text, of those that change."""
    bits = 2.0 * text.states[1:].astype(np.float32) - 1
    moving = np.flatnonzero(np.abs(bits.mean(axis=0)) < 0.9)
    if len(moving) < 2:
        return None
    agreement = np.triu(bits[:, moving].T @ bits[:, moving], 1)
    best = int(np.argmax(np.abs(agreement)))
    one, other = divmod(best, len(moving))
    return int(moving[one]), int(moving[other]), bool(agreement[one, other] > 0)


def _facts(reply: Reply, given: Sequence[int] | None, is_asked: bool, question: str) -> dict[str, Any]:
    witness = reply.witness
    return {
        "question": question,
        "asked": is_asked,
        "answer": reply.answer.value,
        "how": reply.how,
        "given": given,
        "witness": None if witness is None else _stream(witness.trace),
        "against": None if witness is None or witness.other is None else _stream(witness.other),
        "flipped": [] if witness is None else [[place, bit] for place, bit in witness.flips],
        "constant": reply.facts.get("constant"),
    }


def _stream(trace: Trace) -> dict[str, Any]:
    return {"tokens": list(trace.tokens), "said": None if trace.said is None else trace.said.tolist()}
