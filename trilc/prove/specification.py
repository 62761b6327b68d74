"""A netlist of a model straight from its constraints: Σ weight · bit ≥ threshold, counted by plain adders.

Nothing here is shared with the lowering, so that no mistake in it can hide in a comparison.
"""

from __future__ import annotations

import numpy as np

from trilc.aig import AIG, Builder
from trilc.metadata import metadata
from trilc.model import Model


def specification(model: Model, outputs: str | None = None) -> AIG:
    """The netlist that a model means, as the format page names its inputs, registers and outputs.

    Raises :class:`trilc.errors.InputError` where the outputs are not to be had.
    """
    output = outputs or model.output
    if output != "state" and model.head is None:
        model.scores(model.reset_state(1))  # which refuses
    if output == "scores":
        model.require_integer_scores()
    builder = Builder()
    width = max(1, (model.vocabulary - 1).bit_length())
    token = [builder.input(f"tok[{k}]") for k in range(width)]
    resets = np.concatenate([layer.reset for layer in model.layers]).tolist()
    registers = [builder.register(name, bit) for name, bit in zip(model.state_names, resets, strict=True)]
    codes = [_equals(builder, token, code) for code in range(model.vocabulary)]
    below: list[int] = []
    new: list[list[int]] = []
    at = 0
    for k, layer in enumerate(model.layers):
        own = registers[at : at + layer.units]
        at += layer.units
        terms = np.zeros((1, layer.units), np.int64)
        bits, weights = own + below, layer.recurrent.astype(np.int64)
        if k == 0:
            embedded = np.eye(model.vocabulary, dtype=np.int64) if model.embedding is None else model.embedding
            terms = embedded.astype(np.int64) @ layer.input.T.astype(np.int64)
        else:
            weights = np.concatenate([weights, layer.input.astype(np.int64)], axis=1)
        scale = 2 if model.signed else 1
        shift = weights.sum(1) if model.signed else 0 * layer.bias
        below = []
        for j in range(layer.units):
            sums, low = _sum(builder, bits, (scale * weights[j]).tolist(), codes, terms[:, j].tolist())
            below.append(_at_least(builder, sums, -low - int(layer.bias[j] - shift[j])))
        new.append(below)
    for register, bit in zip(registers, [bit for row in new for bit in row], strict=True):
        builder.set_next(register, bit)
    if output == "state":
        for k, row in enumerate(new):
            for j, bit in enumerate(row):
                builder.output(f"state_l{k}[{j}]", bit)
    else:
        _head(builder, model, output, new[-1])
    if model.vocabulary < 1 << width:
        builder.constrain(_at_least(builder, token, model.vocabulary) ^ 1)
    return builder.build(metadata(model, output))


def _head(builder: Builder, model: Model, output: str, bits: list[int]) -> None:
    head = model.head
    assert head is not None
    weights, bias = head.weight.astype(np.int64), head.bias
    if model.signed:
        weights, bias = 2 * weights, bias - weights.sum(1)
    factor = int(head.fraction_rank.max(initial=0)) + 1 if output == "argmax" else 1
    lows = factor * (np.minimum(weights, 0).sum(1) + bias)
    highs = factor * (np.maximum(weights, 0).sum(1) + bias + 1)
    low, high = int(lows.min()), int(highs.max())
    words = []
    width = (high - low).bit_length()
    for o, row in enumerate(weights):
        added = int(factor * bias[o]) + (int(head.fraction_rank[o]) if output == "argmax" else 0)
        sums, least = _sum(builder, bits, (factor * row).tolist(), [1], [added - low])
        words.append(_plus(builder, sums, least, width))
    if output == "scores":
        top = high - 1
        wide = 1 + max(top.bit_length(), (~low).bit_length() if low < 0 else 0)
        for o, word in enumerate(words):
            for k, bit in enumerate(_plus(builder, word, low, wide)):
                builder.output(f"score{o}[{k}]", bit)
        return
    best, index = words[0], [0] * max(1, (len(words) - 1).bit_length())
    for o, word in enumerate(words[1:], 1):
        better = _less(builder, best, word)
        best = [builder.mux(better, x, y) for x, y in zip(word, best, strict=True)]
        index = [builder.mux(better, o >> k & 1, bit) for k, bit in enumerate(index)]
    for k, bit in enumerate(index):
        builder.output(f"out[{k}]", bit)


def _equals(builder: Builder, bits: list[int], code: int) -> int:
    found = 1
    for k, bit in enumerate(bits):
        found = builder.and_(found, bit ^ 1 ^ (code >> k & 1))
    return found


def _sum(
    builder: Builder, bits: list[int], weights: list[int], codes: list[int], terms: list[int]
) -> tuple[list[int], int]:
    """Unsigned bits and what is to be added to them: Σ weight · bit + the term of the code that holds."""
    columns: list[list[int]] = []

    def put(literal: int, weight: int) -> None:
        for k in range(weight.bit_length()):
            while len(columns) <= k:
                columns.append([])
            if weight >> k & 1:
                columns[k].append(literal)

    for bit, weight in zip(bits, weights, strict=True):
        put(bit ^ (weight < 0), abs(weight))
    least = min(terms)
    for k in range((max(terms) - least).bit_length()):
        held = 0
        for code, term in zip(codes, terms, strict=False):
            if (term - least) >> k & 1:
                held = builder.or_(held, code)
        put(held, 1 << k)
    found, k = [], 0
    while k < len(columns):
        column = columns[k]
        while len(column) > 1:
            third = column.pop(0) if len(column) > 2 else 0
            total, carry = builder.full_adder(column.pop(0), column.pop(0), third)
            column.append(total)
            put(carry, 1 << k + 1)
        found.append(column[0] if column else 0)
        k += 1
    return found, least + sum(weight for weight in weights if weight < 0)


def _plus(builder: Builder, bits: list[int], number: int, width: int) -> list[int]:
    """The low ``width`` bits of a sum."""
    carry, total = 0, []
    for k in range(width):
        bit, carry = builder.full_adder(bits[k] if k < len(bits) else 0, number >> k & 1, carry)
        total.append(bit)
    return total


def _at_least(builder: Builder, bits: list[int], threshold: int) -> int:
    if threshold <= 0 or threshold >= 1 << len(bits):
        return int(threshold <= 0)
    reached = 1
    for k, bit in enumerate(bits):
        reached = builder.and_(bit, reached) if threshold >> k & 1 else builder.or_(bit, reached)
    return reached


def _less(builder: Builder, left: list[int], right: list[int]) -> int:
    found = 0
    for x, y in zip(left, right, strict=True):
        found = builder.mux(builder.xor(x, y), y, found)
    return found
