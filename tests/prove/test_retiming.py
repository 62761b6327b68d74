"""Netlists that ABC retimed, re-encoded or merged, registers having lost their names, are proved and certified."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import trilc
from backends import read_aig, write_aig
from tests.models import random_model
from tests.oracles import abc, tools
from tests.prove.faults import flipped
from trilc.aig import AIG, Builder
from trilc.prove import equivalent, verify
from trilc.prove.certificate import Certificate, write_certificate
from trilc.prove.certificate.check.__main__ import main
from trilc.prove.equivalence import Answer
from trilc.prove.pair import pair

SCRIPTS = {
    "complements registers that begin with 1": "strash; zero",
    "moves registers for delay": "strash; dretime",
    "moves registers": "retime -M 2",
    "merges equal gates": "strash; zero; scorr",
    "all of it": "strash; zero; dretime; dc2; scorr",
}


def outside(netlist: AIG, script: str, folder) -> AIG:
    """The netlist after a script of ABC's, which keeps the clock as an input that nothing reads."""
    write_aig(netlist, folder / "before.blif")
    # it warns of how it writes outputs
    command = f"read {folder / 'before.blif'}; {script}; write_blif {folder / 'after.blif'}"
    tools.run([abc.path(), "-q", command], 60, None)
    assert abc.dsec(folder / "before.blif", folder / "after.blif")
    return read_aig(folder / "after.blif")


def netlist(seed: int) -> AIG:
    return trilc.compile(random_model(np.random.default_rng(seed), 10, 6, 0.5), passes="strash, rewrite, dead")


@pytest.mark.parametrize("what", SCRIPTS)
def test_what_abc_makes_of_a_netlist(what, tmp_path, capsys):
    one = netlist(1)
    other = outside(one, SCRIPTS[what], tmp_path)
    assert "clk" in other.input_names
    compared = pair(one, other)
    found = equivalent(compared.a, compared.b, depth=0)
    assert (found.answer, str(found.how)[:34]) == (Answer.EQUAL, "from reset on, by induction over " + found.how[33])
    files = tmp_path / "before.blif", tmp_path / "after.blif"
    assert write_certificate(compared, tmp_path / "proof", files) == Certificate(4, (), ())
    assert main([str(tmp_path / "proof")]) == 0
    assert capsys.readouterr().out.endswith("\naccepted\n")
    assert json.loads((tmp_path / "proof" / "manifest.json").read_text())["machines"][1]["idle"] == ["clk"]
    assert "Property proved" in abc.run(f"read {tmp_path / 'proof' / '1.miter.aig'}; fold; pdr")


def test_a_fault_in_what_abc_made(tmp_path):
    one = netlist(0)
    other = outside(one, SCRIPTS["all of it"], tmp_path)
    answers = [verify(one, flipped(other, row, 0)) for row in range(0, other.num_ands, 9)]
    assert sum(found.answer is Answer.DIFFERENT and found.shortest for found in answers) >= 2


def reencoded(copies: int) -> AIG:
    """A counter of three bits; each is kept ``copies`` times, every other time as its complement, and one step late."""
    b = Builder()
    x = b.input("x")
    bits = [[b.register(f"r{k}.{c}", c % 2) for c in range(copies)] for k in range(3)]
    late = [b.register(f"late {k}") for k in range(3)]
    carry = x
    for k, same in enumerate(bits):
        value = [own ^ (c % 2) for c, own in enumerate(same)]
        for c, own in enumerate(same):
            b.set_next(own, b.xor(value[c], carry) ^ (c % 2))
        b.set_next(late[k], value[-1])
        carry = b.and_(value[k % copies], carry)
    b.output("o", b.xor(b.and_(late[0], late[1]), late[2]))
    return b.build()


@pytest.mark.parametrize("copies", [2, 3])
def test_registers_that_are_twice_complemented_or_late(copies, tmp_path):
    one, other = reencoded(1), reencoded(copies)
    found = equivalent(one, other, depth=0)
    assert found.answer is Answer.EQUAL
    assert write_certificate(pair(one, other), tmp_path).missing == ()
    assert main([str(tmp_path)]) == 0


def test_idle_inputs_do_not_count_but_others_do():
    b = Builder()
    x, y = b.input("x"), b.input("y")
    b.output("o", x)
    one = b.build()
    assert verify(one, replace(one, input_names=("x", "z"))).answer is Answer.EQUAL
    used = Builder()
    x, y = used.input("x"), used.input("y")
    used.output("o", used.and_(x, y))
    with pytest.raises(trilc.InputError, match="only the first has the input 'y'"):
        verify(used.build(), replace(one, input_names=("x", "z")))
