"""A bench in Verilog that checks a module against a recorded run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backends.verilog.identifiers import Signal, module_name
from backends.verilog.interface import Interface
from trilc.aig import AIG, UNKNOWN
from trilc.errors import InputError
from trilc.version import VERSION


def write_testbench(
    aig: AIG, stimulus: ArrayLike, expected: ArrayLike, stream: BinaryIO, module: str = "trilc"
) -> None:
    """Write the bench ``MODULE_tb`` for the module that :func:`backends.verilog.write` makes of ``aig``.

    ``stimulus`` is (T, inputs) bits and ``expected`` (T, outputs) bits: the outputs at each step of a run
    from the reset state. The bench replays the run three times and looks at ports alone, so that it also
    fits what synthesis makes of the module. Before the first run it resets from power-up; before the second,
    from the state at the end of the first, and while the enable is high, which the reset must win; before
    the third, with the enable low. In the second run the enable goes low before every step, while the inputs
    change and the state must not. It prints ``PASS``, or the first mismatch, and ends.

    Raises :class:`InputError` for registers without a reset value, since their outputs cannot be foretold,
    and ``ValueError`` for arrays of the wrong shape.
    """
    inputs, outputs = np.asarray(stimulus, np.uint8), np.asarray(expected, np.uint8)
    steps = len(inputs)
    if not steps or inputs.shape != (steps, aig.num_inputs) or outputs.shape != (steps, aig.num_outputs):
        raise ValueError(
            f"stimulus {inputs.shape} and expected {outputs.shape} are not (T, inputs) and (T, outputs)"
        )
    for name, reset in zip(aig.register_names, aig.reset.tolist(), strict=True):
        if reset == UNKNOWN:
            raise InputError(f"register {name!r} has no reset value: a bench cannot know what to expect")
    interface = Interface.of(aig, module)
    clocked = aig.num_registers > 0
    own = {wish: interface.space.take(wish) for wish in _OWN}
    ports = {"clock": interface.clock, "reset": interface.reset, "enable": interface.enable}
    harness = tuple(ports.values()) if clocked else ()
    digest = aig.metadata.get("model")
    text = _BENCH.format(
        version=VERSION,
        source=f", from the checkpoint with SHA-256 {json.dumps(digest)}" if digest else "",
        bench=interface.space.take(f"{module_name(module)}_tb"),
        module=interface.module,
        last_step=steps - 1,
        last_input=max(aig.num_inputs, 1) - 1,
        last_output=max(aig.num_outputs, 1) - 1,
        declarations="".join(_declarations(interface, harness)),
        connections=",".join(_connections(interface, harness)),
        data="".join(_memory(own["stimulus"], inputs)) + "".join(_memory(own["expected"], outputs)),
        drive=f"{_bits(interface.inputs)} = {own['stimulus']}[{own['at']}];" if aig.num_inputs else "",
        seen=_bits(interface.outputs) if aig.num_outputs else "1'b0",
        fall=f"{interface.clock} = 1'b0;\n    #1;" if clocked else "",
        tick_task=_TICK.format(**own, **ports) if clocked else "",
        runs=(_CLOCKED if clocked else _COMBINATIONAL).format(**own, **ports, last_step=steps - 1),
        **own,
    )
    stream.write(text.encode())


def _declarations(interface: Interface, harness: Sequence[str]) -> Iterator[str]:
    yield from (f"  reg {name} = 1'b0;\n" for name in harness)
    yield from (f"  {signal.declared('reg')};\n" for signal in interface.inputs)
    yield from (f"  {signal.declared('wire')};\n" for signal in interface.outputs)


def _connections(interface: Interface, harness: Sequence[str]) -> Iterator[str]:
    signals = [*interface.inputs, *interface.outputs]
    for name in [*harness, *(signal.identifier for signal in signals)]:
        yield f"\n    .{name}({name})"


def _memory(name: str, rows: NDArray[np.uint8]) -> Iterator[str]:
    yield from (f"    {name}[{step}] = {_literal(row)};\n" for step, row in enumerate(rows))


def _bits(signals: Sequence[Signal]) -> str:
    """All bits of some signals as one vector, the first bit lowest."""
    return "{" + ", ".join(signal.identifier for signal in reversed(signals)) + "}"


def _literal(bits: NDArray[np.uint8]) -> str:
    """Bits, the first one lowest, as a number."""
    number = int("".join(map(str, reversed(bits.tolist()))) or "0", 2)
    return f"{max(len(bits), 1)}'h{number:x}"


_OWN = ("stimulus", "expected", "step", "at", "failed", "apply", "compare", "tick", "load", "dut")
"""Names that the bench needs besides those of the ports."""

_BENCH = """// Self-checking bench of the module {module}: prints PASS, or the first mismatch.
// Written by trilc {version}{source}.
module {bench};
{declarations}\
  reg [{last_input}:0] {stimulus} [0:{last_step}];
  reg [{last_output}:0] {expected} [0:{last_step}];
  reg {failed} = 1'b0;
  integer {step};

  {module} {dut} ({connections}
  );

  task {load};
  begin
{data}\
  end
  endtask

  task {apply}(input integer {at});
  begin
    {drive}
    #1;
    {fall}
  end
  endtask

  task {compare}(input integer {at});
    if (!{failed} && {seen} !== {expected}[{at}]) begin
      {failed} = 1'b1;
      $display("FAIL at step %0d: outputs %b, expected %b", {at}, {seen}, {expected}[{at}]);
    end
  endtask
{tick_task}
  initial begin
    {load};
{runs}\
    if (!{failed}) $display("PASS");
    $finish;
  end
endmodule
"""

_TICK = """
  task {tick};
  begin
    {clock} = 1'b1;
    #1;
  end
  endtask
"""

_COMBINATIONAL = """\
    for ({step} = 0; {step} <= {last_step} && !{failed}; {step} = {step} + 1) begin
      {apply}({step});
      {compare}({step});
    end
"""

_CLOCKED = """\
    // from power-up; the reset wins over the enable
    {reset} = 1'b1;
    {enable} = 1'b1;
    {apply}(0);
    {tick};
    {reset} = 1'b0;
    for ({step} = 0; {step} <= {last_step} && !{failed}; {step} = {step} + 1) begin
      {apply}({step});
      {compare}({step});
      {tick};
    end
    // from the last state; before every step the enable is low and the state must hold
    {reset} = 1'b1;
    {apply}(0);
    {tick};
    {reset} = 1'b0;
    for ({step} = 0; {step} <= {last_step} && !{failed}; {step} = {step} + 1) begin
      {enable} = 1'b0;
      {apply}({last_step} - {step});
      {tick};
      {enable} = 1'b1;
      {apply}({step});
      {compare}({step});
      {tick};
    end
    // the reset does not need the enable
    {reset} = 1'b1;
    {enable} = 1'b0;
    {apply}(0);
    {tick};
    {reset} = 1'b0;
    {enable} = 1'b1;
    for ({step} = 0; {step} <= {last_step} && !{failed}; {step} = {step} + 1) begin
      {apply}({step});
      {compare}({step});
      {tick};
    end
"""
