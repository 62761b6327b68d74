"""The signals of a graph's module: what the writer declares and a bench connects to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backends import metadata, names
from backends.verilog.identifiers import Signal, module_name, signals
from trilc.aig import AIG


@dataclass(frozen=True)
class Interface:
    """A module's name, ports and registers."""

    module: str
    inputs: list[Signal]
    registers: list[Signal]
    outputs: list[Signal]
    clock: str
    reset: str
    enable: str
    space: names.Namespace
    """Every name in use."""

    @classmethod
    def of(cls, aig: AIG, module: str) -> Interface:
        """The interface of a graph, called ``module`` if that can be.

        The graph's own names come first; clk, rst, en and the module's name (Verilator allows no signal to
        bear it) step aside for them.

        Raises :class:`trilc.errors.InputError` for a name that is empty or holds a control character.
        """
        names.check_all(aig)
        space = names.Namespace()
        return cls(
            inputs=signals(aig.input_names, space),
            outputs=signals(aig.output_names, space),
            registers=signals(aig.register_names, space),
            clock=space.take("clk"),
            reset=space.take("rst"),
            enable=space.take("en"),
            module=space.take(module_name(module)),
            space=space,
        )

    def bent_names(self, aig: AIG) -> dict[str, dict[str, str]]:
        """Kind → name in the file → true name, where they differ."""
        kinds = (
            (self.inputs, aig.input_names),
            (self.registers, aig.register_names),
            (self.outputs, aig.output_names),
        )
        return {
            kind: {name: true for name, true in zip(_bit_names(found), original, strict=True) if name != true}
            for kind, (found, original) in zip(metadata.KINDS, kinds, strict=True)
        }


def _bit_names(found: Sequence[Signal]) -> list[str]:
    return [name for signal in found for name in signal.bit_names()]
