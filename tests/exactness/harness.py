"""The Verilog around a machine that is to be proved: codes of no token act as 0, and all ports look alike."""

from __future__ import annotations

from dataclasses import dataclass

from tests.oracles.plain import Module, Port


@dataclass(frozen=True)
class Machine:
    """A module as a tool has read it."""

    name: str
    clocks: tuple[str, ...]
    """Its clock inputs."""
    controlled: bool
    """Whether it has ``rst`` and ``en``."""
    bitwise: bool
    """Whether a vector is as many ports, ``out[0]`` and so on."""
    cut: bool = False
    """Whether its registers are ports: ``h_l0.q`` reads one, ``h_l0.d`` drives it."""


def harness(top: str, machine: Machine, plain: Module, rst: str, en: str) -> str:
    """The module ``top`` around a machine that has the ports of ``plain``, or of its bits.

    ``rst`` and ``en`` are what these ports are tied to. An uncut machine starts at the first step, where ``rst``
    holds; what it says before is hidden, unless ``rst`` is tied to 0: then it says everything.
    """
    width = sum(bits for _, bits in plain.outputs)
    units = sum(bits for _, bits in plain.registers)
    inputs = [("rst", 1), ("en", 1), ("tok", plain.token_bits)]
    outputs = [("said", width)]
    codes = range(plain.vocabulary, 1 << plain.token_bits)
    absent = " || ".join(["1'b0", *(f"tok == {plain.token_bits}'d{code}" for code in codes)])
    body = [f"  wire [{plain.token_bits - 1}:0] token = {absent} ? {plain.token_bits}'d0 : tok;"]
    body.append(f"  wire [{width - 1}:0] raw;")
    wires = [*_connect([("tok", plain.token_bits)], "token", machine.bitwise)]
    wires += _connect(plain.outputs, "raw", machine.bitwise)
    if machine.controlled:
        wires += [("rst", rst), ("en", en)]
    if machine.cut:
        inputs.append(("state", units))
        outputs.append(("next", units))
        wires += _connect(plain.registers, "state", machine.bitwise, ".q")
        wires += _connect(plain.registers, "next", machine.bitwise, ".d")
        body.append("  assign said = raw;")
    else:
        inputs.append(("clk", 1))
        outputs.append(("running", 1))
        body += ["  reg started = 1'b0;", "  always @(posedge clk) started <= 1'b1;", "  assign running = started;"]
        hidden = "raw" if rst == "1'b0" else f"started ? raw : {width}'d0"
        body.append(f"  assign said = {hidden};")
        wires += [(clock, "clk") for clock in machine.clocks]
    ports = [f"input [{bits - 1}:0] {name}" for name, bits in inputs]
    ports += [f"output [{bits - 1}:0] {name}" for name, bits in outputs]
    connections = ", ".join(f".\\{port} ({wire})" for port, wire in wires)
    body.append(f"  {machine.name} dut({connections});")
    return "\n".join([f"module {top}({', '.join(ports)});", *body, "endmodule\n"])


def _connect(ports: list[Port], wire: str, bitwise: bool, suffix: str = "") -> list[tuple[str, str]]:
    """(port, what it is tied to): ports, or their bits, lie in ``wire`` one after the other."""
    tied, at = [], 0
    for name, bits in ports:
        if bitwise:
            tied += [(f"{name}[{bit}]{suffix}", f"{wire}[{at + bit}]") for bit in range(bits)]
        else:
            tied.append((f"{name}{suffix}", f"{wire}[{at + bits - 1}:{at}]"))
        at += bits
    return tied
