"""An input stream after which two machines differ, replayed on each by itself before it is believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, UNKNOWN
from trilc.aig.simulation import evaluate
from trilc.model import Model
from trilc.outputs import output_bits
from trilc.prove.miter import Miter
from trilc.prove.pair import HELD, Pair

Step = Mapping[str, int]


class ReplayError(RuntimeError):
    """A claimed difference is none, or a specification is not what its model says: a fault of trilc's."""


@dataclass(frozen=True)
class Counterexample:
    """A stream from reset on, and what both say after its last step."""

    steps: tuple[Step, ...]
    """Values by input name."""
    tokens: tuple[int, ...] | None
    """The same as token codes, where inputs are these."""
    start: Step
    """Values of the registers whose reset is unknown, by name."""
    where: tuple[str, ...]
    """The outputs that differ after the last step (or ``the constraints``)."""
    a: tuple[int, ...]
    """All outputs of the first, after the last step."""
    b: tuple[int, ...]
    """All outputs of the second, in the order of the first's."""
    output_names: tuple[str, ...]
    held: tuple[bool, bool]
    """Whether the constraints of each allow the last step."""
    said: tuple[tuple[int, ...], tuple[int, ...]] | None
    """What these bits mean, by each side: one index, all scores, or all state bits."""


def from_bits(miter: Miter, a: AIG, steps: Sequence[Sequence[int]], begun: Sequence[int]) -> tuple[list[Step], Step]:
    """Steps and start by name, of the inputs and registers of a miter of two machines side by side."""
    own = set(a.input_names)
    named = [dict(zip(miter.aig.input_names, bits, strict=True)) for bits in steps]
    start = {name[6:]: bit for name, bit in named[0].items() if name not in own}
    for name, bit, reset in zip(miter.aig.register_names, begun, miter.aig.reset.tolist(), strict=True):
        if reset == UNKNOWN:
            start.setdefault(name[2:], bit)
    return [{name: step[name] for name in a.input_names} for step in named], start


def replay(pair: Pair, steps: Sequence[Step], start: Step) -> Counterexample:
    """The counterexample up to its first difference, each machine having run alone.

    A netlist is simulated gate by gate, a checkpoint runs as :meth:`trilc.Model.run`. Raises :class:`ReplayError`
    where nothing differs.
    """
    names = pair.output_names
    free = len(names)
    every = (*names, *(name for name in pair.a.output_names if name == HELD))
    left, right = _outputs(pair.a, every, steps, start), _outputs(pair.b, every, steps, start)
    different = (left != right).any(axis=1)
    if not different.any():
        raise ReplayError(f"a stream of {len(steps)} steps was to show a difference, and shows none")
    last = int(np.argmax(different))
    tokens = _tokens(pair, steps[: last + 1])
    for source, bits in zip(pair.sources, (left, right), strict=True):
        if isinstance(source, Model):
            _require_reference(source, pair, tokens, bits[:, :free])
    return Counterexample(
        steps=tuple(steps[: last + 1]),
        tokens=None if tokens is None else tuple(tokens.tolist()),
        start=start,
        where=tuple(name for name, wrong in zip(every, left[last] != right[last], strict=True) if wrong),
        a=tuple(left[last, :free].tolist()),
        b=tuple(right[last, :free].tolist()),
        output_names=names,
        held=tuple(bool(bits[last, free:].all()) for bits in (left, right)),  # type: ignore[arg-type]
        said=_meanings(pair.outputs, names, left[last], right[last]),
    )


def _outputs(aig: AIG, names: Sequence[str], steps: Sequence[Step], start: Step) -> NDArray[np.uint8]:
    """(steps, names) bits of the outputs so named."""
    order = [aig.output_names.index(name) for name in names]
    state = [
        start.get(name, 0) if reset == UNKNOWN else int(reset == TRUE)
        for name, reset in zip(aig.register_names, aig.reset.tolist(), strict=True)
    ]
    shown = []
    for step in steps:
        roots = evaluate(aig, [*(step[name] for name in aig.input_names), *state])
        outputs, following = np.split(roots, [aig.num_outputs])
        shown.append(outputs)
        state = following[: aig.num_registers].tolist()
    return np.array(shown).reshape(len(steps), aig.num_outputs)[:, order]


def _tokens(pair: Pair, steps: Sequence[Step]) -> NDArray[np.int64] | None:
    if pair.token_bits is None:
        return None
    bits = range(pair.token_bits)
    return np.array([sum(step[f"tok[{bit}]"] << bit for bit in bits) for step in steps], np.int64)


def _require_reference(
    model: Model, pair: Pair, tokens: NDArray[np.int64] | None, bits: NDArray[np.uint8]
) -> None:
    assert tokens is not None
    said = model.run(tokens[None], pair.outputs)[0]
    wanted = output_bits(len(pair.output_names), said)
    wrong = np.argwhere(wanted != bits[: len(tokens)])
    if wrong.size:
        step, output = wrong[0].tolist()
        raise ReplayError(
            f"the specification of the checkpoint is not what the reference says: output "
            f"{pair.output_names[output]} after the tokens {' '.join(map(str, tokens[: step + 1].tolist()))}"
        )


def _meanings(
    outputs: str | None, names: Sequence[str], left: NDArray[Any], right: NDArray[Any]
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """An index, scores or state bits, where the names of the outputs are those of the format page."""
    if outputs == "state":
        return tuple(left[: len(names)].tolist()), tuple(right[: len(names)].tolist())
    words: dict[str, dict[int, int]] = {}
    for place, name in enumerate(names):
        word, bracket, bit = name.partition("[")
        if outputs is None or not bracket or not bit.removesuffix("]").isdecimal():
            return None
        words.setdefault(word, {})[int(bit.removesuffix("]"))] = place
    found = []
    for side in (left, right):
        numbers = []
        for places in words.values():
            number = sum(int(side[place]) << bit for bit, place in places.items())
            negative = outputs == "scores" and number >> max(places) & 1
            numbers.append(number - (1 << max(places) + 1) if negative else number)
        found.append(tuple(numbers))
    return found[0], found[1]
