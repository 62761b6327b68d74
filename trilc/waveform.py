"""A run of one stream as a waveform: a VCD file (IEEE 1364-2001, 18) for GTKWave, Surfer and their like.

A token takes one period of ``clk``. From its rising edge on, ``tok`` is the token, ``h_l0`` … the state before it, bit
0 the lowest, and ``out`` or ``score0`` … what is said to it: what the Verilog module of the netlist shows. Where tokens
have names, ``token`` and ``said`` are these as strings, in which both viewers turn ``\\x20`` into a space.
"""

from __future__ import annotations

import io
import re
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from vcd import VCDWriter

from trilc.errors import InputError
from trilc.model import Bits
from trilc.runner import Runner
from trilc.version import VERSION

PERIOD = 10
"""Nanoseconds of a token."""

_CONTROLS = re.compile("[^ \\S]|[\0-\x1f\x7f-\x9f]")
_BIT = np.array(["0", "1", "x"])


class Waveform:
    """Writes what a runner of one stream reads and says. It is a context: on leaving, the waveform is whole.

    ``stream`` is a binary file, which stays open. Raises :class:`InputError` for a runner of several streams.
    """

    def __init__(self, stream: IO[bytes], runner: Runner) -> None:
        if runner.streams != 1:
            raise InputError(f"found {runner.streams} streams, each with its state; expected one")
        self._stream, self._text = stream, io.StringIO()
        self._runner = runner
        self._writer = writer = VCDWriter(self._text, "1 ns", date="", version=f"trilc {VERSION}")
        self._time = 0
        self._clock = writer.register_var("model", "clk", "wire", 1, init=0)
        self._token = writer.register_var("model", "tok", "wire", max(1, (runner.vocabulary - 1).bit_length()))
        names = None if runner.tokenizer is None else [printable(name) for name in runner.tokenizer.tokens]
        self._names = names
        self._read = None if names is None else writer.register_var("model", "token", "string", init="")
        said = names is not None and runner.output != "state" and runner.num_outputs == runner.vocabulary
        self._said = writer.register_var("model", "said", "string", init="") if said else None
        self._index = self._scores = None
        if runner.output != "state":
            width = max(1, (runner.num_outputs - 1).bit_length())
            self._index = writer.register_var("model", "out", "wire", width)
        if runner.output == "scores":
            self._scores = [
                writer.register_var("model", f"score{k}", "integer", 64, init="x") for k in range(runner.num_outputs)
            ]
        self._layers = [
            (writer.register_var("model", name, "wire", len(bits)), bits) for name, bits in layers_of(runner)
        ]
        self._whole = stream.tell() if stream.seekable() else 0, 0
        """Place in the file, and time, up to which tokens are whole."""
        self._closed = False

    def __enter__(self) -> Waveform:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self._closed:
            if self._time:  # the state after the last token
                self._show_state(self._runner.state.bits[0])
            self._writer.close(self._time)
            self._put()

    def cut(self) -> bool:
        """End the waveform behind the last token that is whole, an interrupt having broken off the next.

        Returns whether there is one. Nothing may follow.
        """
        end, self._time = self._whole
        self._closed = True
        if self._time:
            if self._stream.seekable():
                self._stream.seek(end)
                self._stream.truncate()
            self._stream.write(f"#{self._time}\n".encode())
        return self._time > 0

    def _put(self) -> None:
        """Write what is complete."""
        text = self._text.getvalue().encode("utf-8", "backslashreplace")
        self._stream.write(text)
        self._whole = self._whole[0] + len(text), self._time
        self._text.seek(0)
        self._text.truncate()

    def run(self, tokens: NDArray[np.integer]) -> NDArray[Any]:
        """Read (T,) tokens, one by one, from the runner's present state on; returns what is said to them, (T, …)."""
        said = []
        for token in tokens.tolist():
            before = self._runner.state.bits[0]
            said.append(self._runner.run(np.array([[token]]))[0])
            self._step(token, said[-1][0], before)
        return np.concatenate(said) if said else self._runner.run(np.zeros((0, 1), np.int64))[:, 0]

    def _step(self, token: int, said: Any, before: Bits) -> None:
        change = self._writer.change
        change(self._clock, self._time, 1)
        change(self._token, self._time, token)
        if self._read is not None and self._names is not None:
            change(self._read, self._time, self._names[token])
        chosen = int(said.argmax()) if self._scores is not None else int(said) if self._index is not None else 0
        if self._index is not None:
            change(self._index, self._time, chosen)
        if self._said is not None and self._names is not None:
            change(self._said, self._time, self._names[chosen])
        for variable, score in zip(self._scores or (), said.tolist() if self._scores else (), strict=True):
            change(variable, self._time, score)
        self._show_state(before)
        change(self._clock, self._time + PERIOD // 2, 0)
        self._time += PERIOD
        self._put()

    def _show_state(self, bits: Bits) -> None:
        for variable, places in self._layers:
            self._writer.change(variable, self._time, "".join(_BIT[bits[places[::-1]]]))


def layers_of(runner: Runner) -> list[tuple[str, NDArray[np.int64]]]:
    """The name and the bits of every layer's state, the lowest first."""
    layers: dict[str, list[int]] = {}
    for k, name in enumerate(runner.state_names):
        layers.setdefault(re.sub(r"\[\d+\]$", "", name), []).append(k)
    return [(re.sub(r"\s", "_", name), np.array(places)) for name, places in layers.items()]


def printable(name: str) -> str:
    """The name without what is neither a space nor seen; a viewer shows the rest."""
    return _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], name)
