"""Model → words: the step of the whole net as one word-level graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trilc.cells.elman import words as elman
from trilc.errors import InputError
from trilc.exact.domination import beaten
from trilc.exact.product import product
from trilc.ir.graph import Graph
from trilc.model import OUTPUTS, Head, Model

MOST_SHIFT = 8
"""The largest common weight that is tried."""
UNIT, MULTIPLE, SHIFT = 10, 13, 20
"""What counting takes, in arbitrary units: a literal that other scores may share adders for; one of a higher
weight, that is shared less; and bringing a column out of the common pattern."""


def to_words(model: Model, output: str | None = None) -> Graph:
    """The model's step: input ``tok``, state ``h_l0[0] …``, and the outputs that the format page names.

    ``output`` is ``argmax``, ``scores`` or ``state``; None takes the model's own. Raises
    :class:`InputError` where the model has no head, or where scores are asked for that are no integers.
    """
    output = output or model.output
    if output not in OUTPUTS:
        raise InputError(f"outputs {output!r}: expected one of {', '.join(OUTPUTS)}")
    graph = Graph()
    token = graph.input("tok", model.vocabulary - 1)
    old = [
        [graph.state(f"h_l{k}[{i}]", int(bit)) for i, bit in enumerate(layer.reset.tolist())]
        for k, layer in enumerate(model.layers)
    ]
    new: list[list[int]] = []
    for k, layer in enumerate(model.layers):
        below = new[-1] if new else []
        added = None if k else _token_terms(model)
        new.append(elman.step(graph, layer, model.signed, old[k], below, token, added))
    for held, fresh in zip(old, new, strict=True):
        for state, bit in zip(held, fresh, strict=True):
            graph.set_next(state, bit)
    if output == "state":
        for k, fresh in enumerate(new):
            for i, bit in enumerate(fresh):
                graph.output(f"state_l{k}[{i}]", bit, None)
    elif model.head is None:
        raise InputError(f"outputs {output!r}: the model has no head.weight; expected outputs 'state'")
    elif output == "argmax":
        _argmax(graph, model.head, model.signed, new[-1])
    else:
        model.require_integer_scores()
        _scores(graph, model.head, model.signed, new[-1])
    return graph


def _token_terms(model: Model) -> NDArray[np.int64]:
    """(V, H) what each token adds to the first layer's pre-activations."""
    weights = model.layers[0].input
    return weights.T.astype(np.int64) if model.embedding is None else product(model.embedding, weights)


def _terms(
    weights: NDArray[np.int64], bias: NDArray[np.int64], signed: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Scores as weights (O, H) of bits and what is added (O,)."""
    return (2 * weights, bias - weights.sum(1)) if signed else (weights, bias)


def _scores(graph: Graph, head: Head, signed: bool, bits: list[int]) -> None:
    """Every score as a two's complement word, all of the one width that holds the largest."""
    weights, added = _terms(head.weight.astype(np.int64), head.bias, signed)
    low = int((np.minimum(weights, 0).sum(1) + added).min())
    high = int((np.maximum(weights, 0).sum(1) + added).max())
    width = 1 + max(high.bit_length(), (~low).bit_length() if low < 0 else 0)
    for o, (row, offset) in enumerate(zip(weights, added.tolist(), strict=True)):
        graph.output(f"score{o}", graph.add([graph.popcount(bits, row)], offset), width)


def _differences(weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """(O, H) weights less what all scores may lack alike, for only their differences decide which is best.

    Each column gives up the common weight that leaves the least to count.
    """
    low, high = int(weights.min(initial=0)), int(weights.max(initial=0))
    shifts = np.array(sorted(range(low, high + 1), key=abs)[: 2 * MOST_SHIFT + 1])
    work = []
    for shift in shifts:
        left = np.abs(weights - shift)
        work.append((UNIT * (left & 1) + MULTIPLE * np.bitwise_count(left >> 1)).sum(0) + SHIFT * (shift != 0))
    best: NDArray[np.int64] = shifts[np.argmin(work, axis=0)]
    return weights - best


def _argmax(graph: Graph, head: Head, signed: bool, bits: list[int]) -> None:
    """The best score's index. What all weights have in common is divided out; remainders break ties."""
    rows = head.weight.astype(np.int64)
    lost = beaten(*_terms(rows, head.bias, signed), head.fraction_rank)  # of the scores as they are, as the proof asks
    weights, added = _terms(_differences(rows), head.bias, signed)
    unit = int(np.gcd.reduce(weights, axis=None)) or 1
    whole, remainder = np.divmod(added, unit)
    ranks = remainder * (int(head.fraction_rank.max()) + 1) + head.fraction_rank
    weights = weights // unit
    never = int((np.minimum(weights, 0).sum(1) + whole).min()) - 1
    words = [
        graph.constant(never) if o in lost else graph.add([graph.popcount(bits, row)], offset)
        for o, (row, offset) in enumerate(zip(weights, whole.tolist(), strict=True))
    ]
    best = graph.argmax(words, ranks.tolist())
    graph.output("out", best, max(1, (len(words) - 1).bit_length()))
