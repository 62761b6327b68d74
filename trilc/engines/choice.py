"""Which engine runs a model, and why: the one place where that is decided.

Measured on one core of an AMD EPYC (Zen 3, AVX2), argmax, words read 8·10⁶ tokens a second with 64 units, 7·10⁶ with
128 and 1.2·10⁵ with 1024 at a density of 5 %, for one stream as for many. Gates step 256 lanes together, whether they
have streams or not: 4.6·10⁵, 2.3·10⁵ and 1.4·10⁴ steps a second, so that they are as fast from 16, 32 and 9 streams on,
and 8 to 35 times as fast for thousands. But they must be made first: in 0.1 to 0.6 s, 0.25 s and 2.2 s, in which words
read 3·10⁹ to 8·10¹⁰ tokens ÷ weights that are not 0.

Words and gates need numba, which takes longer to load, half a second or more, than all else before the first token. So
where words are chosen, the reference reads the first tokens (``trilc.engines.early``).

One long stream in the lanes of gates (``trilc.engines.lanes``) is read 3 to 7 times as fast as by words from 10⁵ tokens
on, but where the net does not forget, at a twentieth of the speed of words; nothing tells beforehand, so that is not
chosen but asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trilc.errors import InputError
from trilc.model import Model

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.compiler import Observer
    from trilc.engines.engine import Engine

ENGINES = ("auto", "gates", "words", "reference")

MANY = 32
"""Streams from which on gates are faster, once they are made."""

WORTH = 2 * 10**10
"""Tokens times weights from which on it pays to make them."""


class Choice(NamedTuple):
    """An engine's name, and why it is the one."""

    engine: str
    reason: str
    early: bool = False
    """Whether the reference reads the first tokens, which is sooner ready."""


def choose(
    source: Model | AIG, engine: str = "auto", streams: int = 1, tokens: int | None = None
) -> Choice:
    """The engine for so many streams, and so many tokens in all of them together (None: no end of them).

    Raises :class:`InputError` for an engine that is unknown or can't run a netlist.
    """
    if engine not in ENGINES:
        raise InputError(f"found engine {engine!r}; expected one of {', '.join(ENGINES)}")
    if not isinstance(source, Model):
        if engine not in ("auto", "gates"):
            raise InputError(f"found engine {engine!r} for a netlist; expected gates, or a checkpoint to run")
        return Choice("gates", "a netlist is gates")
    if engine != "auto":
        return Choice(engine, "as asked for")
    if streams < MANY:
        count = f"{streams} stream{'s' * (streams > 1)}"
        return Choice("words", f"{count}; gates need {MANY} to be faster", early=True)
    weights = _weights(source)
    if tokens is not None and tokens * weights < WORTH:
        return Choice("words", f"{tokens:,} tokens are read sooner than gates are made", early=True)
    return Choice("gates", f"{streams:,} streams in the lanes of machine words")


def build(
    choice: Choice,
    source: Model | AIG,
    streams: int,
    output: str | None,
    threads: int,
    observer: Observer | None,
) -> Engine:
    """The engine that was chosen. Raises :class:`InputError` where it can't say what is asked."""
    if choice.engine == "gates":
        from trilc.engines.gates import Gates

        return Gates(source, streams, output, threads, observer)
    assert isinstance(source, Model)
    output = output or source.output
    source.require_output(output)
    if choice.early:
        from trilc.engines.early import Early

        return Early(source, streams, output, threads)
    if choice.engine == "words":
        from trilc.engines.words.engine import Words

        return Words(source, streams, output, threads)
    from trilc.engines.reference import Reference

    return Reference(source, streams, output)


def _weights(model: Model) -> int:
    """Weights that are not 0."""
    matrices = [matrix for layer in model.layers for matrix in (layer.recurrent, layer.input)]
    heads = [] if model.head is None else [model.head.weight]
    return sum(int(np.count_nonzero(matrix)) for matrix in [*matrices, *heads])
