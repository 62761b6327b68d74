"""The Verilog that a careful hardware engineer writes for a model: the rival that sizes are measured against.

Unsigned popcounts of literals, one per neuron, compared with a table of thresholds under the token (unused codes
are don't-cares); scores without their common offset; a tournament of comparators for the argmax. One step,
combinational: the old state comes in, the new one goes out.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trilc.model import Model


def careful_rtl(model: Model) -> str:
    """A module ``top`` with inputs ``tok`` and ``h`` and outputs ``hn`` and ``out``, for argmax models."""
    bits = max(1, (model.vocabulary - 1).bit_length())
    index = max(1, (model.num_outputs - 1).bit_length())
    lines = [
        f"module top(input [{bits - 1}:0] tok, input [{model.units - 1}:0] h,",
        f"           output [{model.units - 1}:0] hn, output [{index - 1}:0] out);",
    ]
    first = 0
    for k, layer in enumerate(model.layers):
        old = [f"h[{first + j}]" for j in range(layer.units)]
        below = [f"hn[{first - layer.input.shape[1] + j}]" for j in range(layer.input.shape[1])] if k else []
        for i in range(layer.units):
            weights = np.concatenate([layer.recurrent[i], layer.input[i] if k else []]).astype(np.int64)
            added = np.full(1, layer.bias[i]) if k else _token_terms(model, i) + layer.bias[i]
            lines += _neuron(f"{k}_{i}", f"hn[{first + i}]", [*old, *below], weights, added, model.signed, bits)
        first += layer.units
    last = [f"hn[{first - model.layers[-1].units + j}]" for j in range(model.layers[-1].units)]
    lines += _argmax(model, last, index)
    return "\n".join([*lines, "endmodule", ""])


def _token_terms(model: Model, unit: int) -> NDArray[np.int64]:
    weights = model.layers[0].input[unit].astype(np.int64)
    return weights if model.embedding is None else model.embedding.astype(np.int64) @ weights


def _neuron(
    name: str,
    target: str,
    bits: list[str],
    weights: NDArray[np.int64],
    added: NDArray[np.int64],
    signed: bool,
    width: int,
) -> Iterator[str]:
    literals, count = _literals(bits, weights), int(np.abs(weights).sum())
    # Σ w·v + a ≥ 0 with n literals, of which A are true: 2A − n + a ≥ 0, or A − (negative ones) + a ≥ 0
    need = -((added - count) // 2) if signed else int(-weights[weights < 0].sum()) - added
    need = np.clip(need, 0, count + 1)
    size = (count + 1).bit_length()
    if (need == need[0]).all():
        yield f"wire [{size - 1}:0] t{name} = {size}'d{need[0]};"
    else:
        yield f"reg [{size - 1}:0] t{name}; always @* case (tok)"
        yield from (f"  {width}'d{token}: t{name} = {size}'d{value};" for token, value in enumerate(need))
        yield f"  default: t{name} = {size}'bx; endcase"
    yield f"wire [{size - 1}:0] s{name} = {_sum(literals, size)};"
    yield f"assign {target} = s{name} >= t{name};"


def _argmax(model: Model, bits: list[str], index: int) -> Iterator[str]:
    assert model.head is not None and not model.head.fraction_rank.any(), "integer heads only"
    weights = model.head.weight.astype(np.int64)
    fixed = model.head.bias - (np.abs(weights).sum(1) if model.signed else -np.minimum(weights, 0).sum(1))
    scale = 2 if model.signed else 1
    fixed = fixed - fixed.min()
    size = int((scale * np.abs(weights).sum(1) + fixed).max()).bit_length() or 1
    for o, row in enumerate(weights):
        count = max(1, int(np.abs(row).sum()).bit_length())
        yield f"wire [{count - 1}:0] a{o} = {_sum(_literals(bits, row), count)};"
        value = f"{{a{o}, 1'b0}}" if scale == 2 else f"a{o}"
        yield f"wire [{size - 1}:0] l{o} = {value} + {size}'d{fixed[o]};"
    players = [(f"l{o}", f"{index}'d{o}") for o in range(len(weights))]
    game = 0
    while len(players) > 1:
        winners = players[len(players) & ~1 :]
        rounds = []
        for (left, i), (right, j) in zip(players[0::2], players[1::2], strict=False):
            yield f"wire c{game} = {right} > {left};"
            yield f"wire [{size - 1}:0] m{game} = c{game} ? {right} : {left};"
            yield f"wire [{index - 1}:0] x{game} = c{game} ? {j} : {i};"
            rounds.append((f"m{game}", f"x{game}"))
            game += 1
        players = rounds + winners
    yield f"assign out = {players[0][1]};"


def _literals(bits: list[str], weights: NDArray[np.int64]) -> list[str]:
    return [
        ("" if weight > 0 else "~") + bit
        for bit, weight in zip(bits, weights.tolist(), strict=True)
        for _ in range(abs(weight))
    ]


def _sum(literals: list[str], size: int) -> str:
    if not literals:
        return f"{size}'d0"
    pad = f"{{{size - 1}'b0, %s}}" if size > 1 else "%s"
    return " + ".join(pad % literal for literal in literals)
