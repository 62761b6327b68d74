"""What the machine does while it reads: states, what it says, and how well it foretells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.generation import generate
from trilc.report.packing import packed
from trilc.report.specimen import Specimen
from trilc.runner import Runner
from trilc.scoring import code_lengths, score, scoring_runner

OWN = 2000
"""Tokens of a text that the machine writes itself, where there is none."""
TEMPERATURE = 0.8


@dataclass(frozen=True, eq=False)
class Text:
    """A text as the machine reads it. Row t − 1 is the t-th token's."""

    origin: str
    """Where it comes from, for people."""
    is_own: bool
    """Whether nobody gave it."""
    is_cut: bool
    """Whether there was more of it."""
    tokens: NDArray[np.int64]
    """(T,) at least one."""
    states: NDArray[np.uint8]
    """(T + 1, units): before the first token, and after each."""
    said: NDArray[np.int64] | None
    """(T,) the best index; None without a head."""
    nats: NDArray[np.float64] | None
    """(T − 1,) code lengths of the tokens from the second on; None where scores mean no probabilities."""
    score: dict[str, Any] | None
    """How many tokens were foretold, accuracy, and bits for each character or token."""


def read(specimen: Specimen, pieces: Iterable[NDArray[np.integer]], origin: str, limit: int, is_own: bool) -> Text:
    """Let the machine read the first ``limit`` tokens from reset on.

    Raises :class:`InputError` where there is none, and at a token that is none of the vocabulary.
    """
    taken: list[NDArray[Any]] = []
    count = 0
    for piece in pieces:
        taken.append(piece)
        count += len(piece)
        if count > limit:
            break
    tokens = np.concatenate(taken)[:limit].astype(np.int64) if taken else np.zeros(0, np.int64)
    if not len(tokens):
        raise InputError(f"{origin}: found no token; expected at least one")
    watched = Runner(specimen.source, output="state", tokens=len(tokens))
    after = np.concatenate(list(watched.run_stream([tokens])))
    reset = specimen.subject.replay(tokens[:1].tolist()).states[:1]
    said, nats, about = _said(specimen, tokens)
    return Text(origin, is_own, count > limit, tokens, np.concatenate([reset, after]), said, nats, about)


def own(specimen: Specimen, seed: int) -> tuple[NDArray[np.int64], str]:
    """Tokens for a machine without a text, and what they are: what it writes itself, or tokens at random."""
    terms, model = specimen.terms, specimen.model
    has_scores = model is not None and model.head is not None and not model.head.fraction_rank.any()
    if model is not None and has_scores and model.score_scale and terms.num_outputs == terms.vocabulary:
        first = terms.tokens.index(" ") if terms.tokens and " " in terms.tokens else 0
        written = generate(Runner(model, output="scores"), [np.array([first])], OWN - 1, TEMPERATURE, seed)
        tokens = np.array([first, *written], np.int64)
        return tokens, f"{OWN:,} tokens that the model wrote itself (temperature {TEMPERATURE}, seed {seed})"
    tokens = np.random.default_rng(seed).integers(0, terms.vocabulary, OWN)
    return tokens, f"{OWN:,} tokens drawn at random (seed {seed})"


def text_facts(text: Text, specimen: Specimen) -> dict[str, Any]:
    """For the page. Bits of states are packed, eight to a byte, the first bit lowest, every moment from a new byte."""
    small = "u1" if max(specimen.terms.vocabulary, specimen.terms.num_outputs) <= 256 else "u4"
    return {
        "origin": text.origin,
        "own": text.is_own,
        "cut": text.is_cut,
        "length": len(text.tokens),
        "tokens": packed(text.tokens, small),
        "states": packed(np.packbits(text.states, axis=1, bitorder="little"), "u1"),
        "said": None if text.said is None else packed(text.said, small),
        "nats": None if text.nats is None else packed(text.nats, "f4"),
        "score": text.score,
    }


def _said(
    specimen: Specimen, tokens: NDArray[np.int64]
) -> tuple[NDArray[np.int64] | None, NDArray[np.float64] | None, dict[str, Any] | None]:
    terms = specimen.terms
    if not terms.num_outputs:
        return None, None, None
    runner = scoring_runner(specimen.source)
    heard = np.concatenate(list(runner.run_stream([tokens])))
    if runner.output == "argmax":
        said, nats = heard, None
    else:
        said, nats = heard.argmax(axis=1), None
        if terms.num_outputs == terms.vocabulary and runner.score_scale is not None:
            nats = code_lengths(heard[:-1], tokens[1:], runner.score_scale)
    if terms.num_outputs != terms.vocabulary or len(tokens) < 2:
        return said, nats, None
    found = score(specimen.source, tokens)
    about = {
        "foretold": found.tokens,
        "correct": found.correct,
        "accuracy": found.accuracy,
        "bits_per_token": found.bits_per_token,
        "bits_per_character": found.bits_per_character,
    }
    return said, nats, about


