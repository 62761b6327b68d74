"""A model's step as comparisons of sums: see the package."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, Builder
from trilc.exact.domination import beaten
from trilc.exact.product import product
from trilc.hints import CountHint, Hints
from trilc.metadata import metadata
from trilc.model import OUTPUTS, Model
from trilc.prove.specification.contest import Contest, claimed, plain, winner
from trilc.prove.specification.linear import Linear
from trilc.prove.specification.sums import Adders, Sum


def specification(model: Model, outputs: str | None = None, hints: Hints | None = None) -> AIG:
    """The netlist that the format page describes; with good ``hints``, gate by gate like the lowering's.

    ``outputs`` is ``argmax``, ``scores`` or ``state``; None takes the model's own. Raises
    :class:`trilc.errors.InputError` as :func:`trilc.lower.words.to_words` does.
    """
    return _Net(model, hints or Hints()).build(outputs or model.output)


class _Net:
    def __init__(self, model: Model, hints: Hints) -> None:
        self.model = model
        self.hints = hints
        self.builder = Builder()
        self.adders = Adders(self.builder)
        width = max(1, (model.vocabulary - 1).bit_length())
        self.token = [self.builder.input(f"tok[{k}]") for k in range(width)]
        reset = np.concatenate([layer.reset for layer in model.layers])
        self.old = {
            name: self.builder.register(name, int(bit)) for name, bit in zip(model.state_names, reset, strict=True)
        }
        for name, literal in self.old.items():
            self.adders.claim(hints.registers.get(name, 0), literal)

    def build(self, outputs: str) -> AIG:
        if outputs not in OUTPUTS:
            raise ValueError(f"outputs are {outputs!r}, none of {', '.join(OUTPUTS)}")
        self._constrain()
        below: list[int] = []
        for k in range(len(self.model.layers)):
            below = self._layer(k, below)
            if outputs == "state":
                for j, literal in enumerate(below):
                    self.builder.output(f"state_l{k}[{j}]", literal)
        if outputs == "scores":
            self._put_scores(below)
        elif outputs == "argmax":
            self._put_best(below)
        return self.builder.build(metadata(self.model, outputs))

    def _constrain(self) -> None:
        """The token is below V."""
        last, holds = self.model.vocabulary - 1, TRUE
        for k, bit in enumerate(self.token):
            holds = self.builder.or_(bit ^ 1, holds) if last >> k & 1 else self.builder.and_(bit ^ 1, holds)
        if holds != TRUE:
            self.builder.constrain(holds)

    # The state -----------------------------------------------------------------------------------------

    def _layer(self, k: int, below: list[int]) -> list[int]:
        layer = self.model.layers[k]
        names = [f"h_l{k}[{j}]" for j in range(layer.units)]
        bits = [self.old[name] for name in names] + below
        if k == 0:
            weights = layer.recurrent.astype(np.int64)
            by_token = _token_terms(self.model)
        else:
            weights = np.concatenate([layer.recurrent, layer.input], axis=1).astype(np.int64)
            by_token = np.zeros((1, layer.units), np.int64)
        forms = [self._values(row, bits) for row in weights]
        added = by_token + layer.bias
        compared = [self._compared(name, form, terms) for name, form, terms in zip(names, forms, added.T, strict=True)]
        columns = self._of_token(np.concatenate([bits for _, bits, _, _ in compared]))
        new, start = [], 0
        for name, (form, own, threshold, hint) in zip(names, compared, strict=True):
            entry = columns[start : start + len(own)]
            start += len(own)
            number = Sum(self.adders, form - Linear.of((x, -(1 << j)) for j, x in enumerate(entry)))
            if hint is not None:
                for literal, claim in zip(entry, self._table_bits(hint), strict=True):
                    self.adders.claim(claim, literal)
                number.follow(hint)
            new.append(number.at_least(threshold))
            self.builder.set_next(self.old[name], new[-1])
            self.adders.claim(self.hints.new_state.get(name, 0), new[-1])
        return new

    def _values(self, weights: NDArray[np.int64], bits: list[int]) -> Linear:
        """``Σ weight · v(bit)``, v being 2b − 1 or b."""
        scale = 2 if self.model.signed else 1
        constant = -int(weights.sum()) if self.model.signed else 0
        return Linear.of(((x, scale * w) for x, w in zip(bits, weights.tolist(), strict=True)), constant)

    def _compared(
        self, name: str, form: Linear, added: NDArray[np.int64]
    ) -> tuple[Linear, NDArray[np.bool_], int, CountHint | None]:
        """``form + added[token] >= 0`` as ``count + Σ 2^j · bits[j, token] >= threshold``.

        Returns the count, which has no constant, the bits (bits, V), and the threshold; and a hint for them.
        """
        unit = gcd(*form.weights.values()) or 1
        count = Linear.of((literal, weight // unit) for literal, weight in form.weights.items())
        needed = _divided_up(-added - form.constant, unit)
        needed = np.clip(needed, count.low, count.high + 1)
        hint = self.hints.counts.get(name)
        if hint is not None:
            bits = np.array([self.hints.tables[literal] for literal in self._table_bits(hint)], np.bool_)
            bits = bits.reshape(-1, bits.shape[1] if bits.size else len(added))
            terms = list(zip(hint.literals.tolist(), hint.weights.tolist(), strict=True))
            own = self._ours([(x, w) for x, w in terms if x not in self.hints.tables])
            entries = (1 << np.arange(len(bits))) @ bits
            if own is not None and own.weights == count.weights and self._is_table(hint, terms):
                threshold = (1 << hint.columns) - hint.constant - own.constant
                if np.array_equal(np.clip(threshold - entries, count.low, count.high + 1), needed):
                    return count, bits, threshold, hint
        most = int(needed.max())
        entries = most - needed
        bits = (entries >> np.arange(int(entries.max()).bit_length())[:, None]) & 1 == 1
        return count, bits, most, None

    def _table_bits(self, hint: CountHint) -> list[int]:
        """The literals of a hint that depend on the token alone."""
        return [literal for literal in hint.literals.tolist() if literal in self.hints.tables]

    def _is_table(self, hint: CountHint, terms: Sequence[tuple[int, int]]) -> bool:
        """Whether the literals that depend on the token alone have the weights 1, 2, 4, …"""
        weights = [weight for literal, weight in terms if literal in self.hints.tables]
        return weights == [1 << j for j in range(len(weights))]

    def _ours(self, terms: Sequence[tuple[int, int]], constant: int = 0) -> Linear | None:
        """A form of the hints in our literals, if all are known."""
        named = [(self.adders.literal(literal), weight) for literal, weight in terms]
        known = [(literal, weight) for literal, weight in named if literal is not None]
        return Linear.of(known, constant) if len(known) == len(named) else None

    def _of_token(self, values: NDArray[np.bool_]) -> list[int]:
        """The literals of functions of the token, (functions, V); one of a single column is constant."""
        literals = values.astype(np.uint32)
        if literals.shape[1] > 1:
            spare = (1 << len(self.token)) - literals.shape[1]
            literals = np.pad(literals, ((0, 0), (0, spare)))
            for bit in self.token:
                literals = self.builder.mux(np.uint32(bit), literals[:, 1::2], literals[:, 0::2])
        return [int(x) for x in literals.ravel()]

    # The scores ----------------------------------------------------------------------------------------

    def _scores(self, bits: list[int]) -> list[Linear]:
        head = self.model._head()
        rows = head.weight.astype(np.int64)
        return [
            self._values(row, bits) - Linear(-bias) for row, bias in zip(rows, head.bias.tolist(), strict=True)
        ]

    def _put_scores(self, bits: list[int]) -> None:
        self.model.require_integer_scores()
        scores = self._scores(bits)
        low, high = min(score.low for score in scores), max(score.high for score in scores)
        width = 1 + max(high.bit_length(), (~low).bit_length() if low < 0 else 0)
        for o, score in enumerate(scores):
            for k, literal in enumerate(self._bits(score, width, self.hints.counts.get(f"score{o}"))):
                self.builder.output(f"score{o}[{k}]", literal)

    def _put_best(self, bits: list[int]) -> None:
        scores = self._scores(bits)
        fractions = self.model._head().fraction_rank.tolist()
        contest = self._claimed(scores, fractions) or plain(scores, fractions)
        hints = [self.hints.counts.get(f"score {o}") for o in contest.indices]
        words = [self._bits(w, contest.columns, hint) for w, hint in zip(contest.words, hints, strict=True)]
        width = max(1, (len(scores) - 1).bit_length())
        for k, literal in enumerate(winner(self.builder, words, contest.indices, width)):
            self.builder.output(f"out[{k}]", literal)

    def _claimed(self, scores: list[Linear], fractions: list[int]) -> Contest | None:
        words, columns = {}, 0
        for o in range(len(scores)):
            hint = self.hints.counts.get(f"score {o}")
            if hint is not None:
                word = self._ours(list(zip(hint.literals.tolist(), hint.weights.tolist(), strict=True)), hint.constant)
                if word is None:
                    return None
                words[o], columns = word, hint.columns
        return claimed(scores, fractions, words, columns, never_best(self.model))

    def _bits(self, form: Linear, width: int, hint: CountHint | None) -> list[int]:
        number = Sum(self.adders, form)
        if hint is not None:
            number.follow(hint)
        return number.bits(width)


def never_best(model: Model) -> dict[int, NDArray[np.int64]]:
    """Scores that are never the best, and for each how often (O,) every rival counts that shows it."""
    head = model._head()
    rows = head.weight.astype(np.int64)
    if model.signed:
        return beaten(2 * rows, head.bias - rows.sum(1), head.fraction_rank)
    return beaten(rows, head.bias, head.fraction_rank)


def _token_terms(model: Model) -> NDArray[np.int64]:
    """(V, H) what each token adds to the first layer's sums."""
    weights = model.layers[0].input
    return weights.T.astype(np.int64) if model.embedding is None else product(model.embedding, weights)


def _divided_up(values: NDArray[np.int64], unit: int) -> NDArray[np.int64]:
    """The least integers that are no less than values over ``unit``."""
    return -(-values // unit)
