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
BACK = 6, 24
"""How far back dependences are asked for."""

Say = Callable[[str], None]


def questions(
    specimen: Specimen, text: Text, asked: Sequence[str], seconds: float, say: Say
) -> list[dict[str, Any]]:
    """The answers to what is asked, and then to the usual questions, as far as the seconds go.

    What is asked comes first and gets as much time for each question as the usual ones together. With no seconds only
    what is asked is answered, as far as that takes no time. Raises :class:`InputError` for what can't be asked.
    """
    terms = specimen.terms
    needs_input = [isinstance(parse(question, terms), Change | Why) for question in asked]
    given = text.tokens[:GIVEN].tolist()
    end = time.monotonic() + seconds
    found = []
    usual = list(_usual(specimen, text)) if seconds else []
    everything = [*zip(asked, needs_input, strict=True), *usual]
    for number, (question, needs) in enumerate(everything):
        say(question)
        left = max(0.0, end - time.monotonic()) / (len(everything) - number)
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
            rare = int(np.lexsort((np.arange(len(said)), -read, said))[0])
            often = [int(token) for token in np.lexsort((np.arange(len(read)), -read))[:2]]
            yield f"shortest input so that out={_named(specimen, rare)}", False
            yield f"never out={_named(specimen, most)} after tok={_named(specimen, most)}", False
            if len(often) > 1:
                yield f"never out={_named(specimen, often[1])} after tok={_named(specimen, often[0])}", False
        for back in BACK:
            yield f"does out depend on tok@-{back}", False
    if (pair := _alike(text)) is not None:
        one, other, same = pair
        yield f"{'always' if same else 'never'} h[{one}] == h[{other}]", False
    if terms.num_outputs:
        yield "why out", True
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
        "reason": reply.facts.get("reason"),
    }


def _stream(trace: Trace) -> dict[str, Any]:
    return {"tokens": list(trace.tokens), "said": None if trace.said is None else trace.said.tolist()}
