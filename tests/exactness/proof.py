"""Proofs by tools that are not ours: every file of a netlist against the plain lowering of its checkpoint.

Yosys elaborates the plain lowering and reads the files; ABC reads BLIF and AIGER by itself, too; ABC then proves
the machines equal from the reset state. Where all registers are there it also proves one step equal from any
state whatever, registers being cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import numpy as np

from backends import read_aig, write_aig
from tests.exactness.cases import Case
from tests.exactness.harness import Machine, harness
from tests.oracles import abc, plain, yosys
from trilc.aig import AIG

Route = str
"""How a netlist came to its proof: the ending of its file, ``abc_`` before it where ABC read that and Yosys what
ABC wrote, ``_cut`` after it where its registers were cut."""


class Control(Enum):
    """What ``rst`` and ``en`` are tied to."""

    IDLE = ("1'b0", "1'b1")
    """The machine only runs."""
    STARTED = ("rst | ~started", "en")
    """Driven from outside after a first step in reset."""
    FREE = ("rst", "en")
    """Driven from outside."""


@dataclass(frozen=True)
class Goal:
    """Two machines, elaborated to AIGER, that are to be equal."""

    case: int
    route: Route
    found: str
    wanted: str


def prove(cases: Sequence[Case], netlists: Sequence[AIG], directory: Path) -> dict[tuple[int, Route], bool]:
    """(case, route) → whether the netlist that took this route equals the plain lowering of the case.

    Raises ``RuntimeError`` where a tool complains or leaves a question open, and ``AssertionError`` where our
    reader does not get back what was written.
    """
    for number, netlist in enumerate(netlists):
        for ending in ("blif", "v", "aig", "aag"):
            write_aig(netlist, directory / f"c{number}_{ending}.{ending}")
            _check_our_reader(directory / f"c{number}_{ending}.{ending}")
    _read_by_abc(len(netlists), directory)
    elaboration = _Elaboration(directory)
    for number, (case, netlist) in enumerate(zip(cases, netlists, strict=True)):
        elaboration.add(number, case, netlist)
    elaboration.run()
    return _decide(elaboration.goals, directory)


def _check_our_reader(path: Path) -> None:
    """Our reader gets back what makes the same file again."""
    again = path.parent / "again" / path.name
    again.parent.mkdir(exist_ok=True)
    write_aig(read_aig(path), again)
    assert again.read_bytes() == path.read_bytes(), path.name


def _read_by_abc(count: int, directory: Path) -> None:
    """``c0_abc_aig.blif`` and so on: what ABC writes of a file that it has read, constraints being outputs."""
    lines = [
        f"read c{number}_{ending}.{ending}; strash; write_blif c{number}_abc_{ending}.blif"
        for number in range(count)
        for ending in ("blif", "aig")
    ]
    (directory / "read.abc").write_text("\n".join(lines) + "\n")
    abc.run("source read.abc", cwd=directory)


def can_be_cut(case: Case, netlist: AIG) -> bool:
    """Whether all registers are there, and none reads itself: Yosys leaves the port of such a one undriven."""
    own = 2 * (1 + netlist.num_inputs + np.arange(netlist.num_registers))
    return case.keep_state and not (netlist.next_state == own).any()


class _Elaboration:
    """One run of Yosys that brings all machines of a batch into the same form."""

    def __init__(self, directory: Path) -> None:
        self.goals: list[Goal] = []
        self._directory = directory
        self._reading: list[str] = []
        self._cutting: list[str] = []
        self._harnesses: dict[str, str] = {}

    def add(self, number: int, case: Case, netlist: AIG) -> None:
        """The machines of one case, and which are to be equal."""
        name, clock = f"c{number}", ("clk",) if netlist.num_registers else ()
        wanted = plain.lower(case.checkpoint, case.output, f"{name}_plain")
        (self._directory / f"{name}_plain.v").write_text(wanted.text)
        golden = Machine(f"{name}_plain", ("clk",), controlled=True, bitwise=False)

        def goal(route: Route, machine: Machine, control: Control = Control.IDLE) -> None:
            original = replace(golden, name=f"{golden.name}_cut", cut=True) if machine.cut else golden
            found, by = self._wrap(machine, wanted, control), self._wrap(original, wanted, control)
            self.goals.append(Goal(number, route, found, by))

        def read(route: Route, command: str, clocks: tuple[str, ...]) -> Machine:
            self._reading.append(command)
            return Machine(f"{name}_{route}", clocks, controlled=False, bitwise=True)

        for ending, clocks in (("aig", ()), ("blif", clock)):
            route = f"abc_{ending}"
            goal(route, read(route, f"read_blif {name}_{route}.blif\nrename {name}_{ending} {name}_{route}", clocks))
        for ending in ("aig", "aag"):
            command = f"read_aiger -module_name {name}_{ending} -clk_name clk {name}_{ending}.{ending}"
            goal(ending, read(ending, command, clock))
        blif = read("blif", f"read_blif {name}_blif.blif", clock)
        verilog = Machine(f"{name}_v", clock, controlled=bool(clock), bitwise=False)
        self._reading += [f"read_verilog {name}_v.v", f"read_verilog {name}_plain.v"]
        goal("blif", blif)
        goal("v", verilog, Control.STARTED if clock else Control.IDLE)
        if can_be_cut(case, netlist):
            for machine in (golden, blif, verilog):
                cut = f"{machine.name}_cut"
                self._cutting.append(f"copy {machine.name} {cut}")
                self._cutting.append(f"expose -evert-dff {cut}/h_l* {cut}/t:*[dD][fF][fF]*")
            goal("blif_cut", replace(blif, name=f"{blif.name}_cut", cut=True))
            goal("v_cut", replace(verilog, name=f"{verilog.name}_cut", cut=True), Control.FREE)

    def run(self) -> None:
        """Write every machine as AIGER, under the name of its harness."""
        (self._directory / "harnesses.v").write_text("".join(self._harnesses.values()))
        script = [*self._reading, "proc", *self._cutting]
        for step in ("alumacc", "opt_expr", "techmap", "opt_expr", "opt_merge", "aigmap", "opt_clean -purge"):
            script.append(f"{step} c*_plain*")
        script += ["read_verilog harnesses.v", "hierarchy -check", "proc h_*", "flatten", "delete c*_*"]
        # a register that starts unknown starts anyhow; single wires, or write_aiger takes aliases for undriven nets
        script += ["simplemap", "dfflegalize -cell $_DFF_P_ 01", "setundef -init -random 1", "aigmap"]
        script += ["splitnets", "opt_clean -purge"]
        for top in self._harnesses:
            script += [f"setattr -mod -set top 1 {top}", f"write_aiger -symbols {top}.aig"]
            script += [f"setattr -mod -unset top {top}"]
        yosys.run("\n".join(script), 300, self._directory)

    def _wrap(self, machine: Machine, wanted: plain.Module, control: Control) -> str:
        """Put a harness around a machine; returns its name."""
        top = f"h_{control.name.lower()}_{machine.name}"
        self._harnesses[top] = harness(top, machine, wanted, *control.value)
        return top


def _decide(goals: Sequence[Goal], directory: Path) -> dict[tuple[int, Route], bool]:
    """ABC's verdicts, read from what it prints."""
    lines = []
    for place, goal in enumerate(goals):
        command = "cec" if goal.route.endswith("_cut") else "dsec"
        lines.append(f"echo goal {place}\n{command} {goal.found}.aig {goal.wanted}.aig")
    (directory / "prove.abc").write_text("\n".join(lines) + "\n")
    printed = abc.run("source prove.abc", 300, directory)
    verdicts = {}
    for part in printed.split("goal ")[1:]:
        place, _, said = part.partition("\n")
        goal = goals[int(place)]
        verdicts[goal.case, goal.route] = abc.verdict(said)
    assert len(verdicts) == len(goals), printed
    return verdicts
