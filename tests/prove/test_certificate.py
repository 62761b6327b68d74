"""Certificates are accepted by a checker that knows nothing of trilc; whatever is changed in one, it rejects."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

import trilc
from backends import aiger, read_aig, write_aig
from passes import Pipeline
from tests.models import random_model
from tests.oracles import abc
from tests.passes.graphs import multiplier, random_graph
from trilc.aig import AIG, Builder
from trilc.checkpoint import load, save
from trilc.errors import InputError
from trilc.prove import equivalent
from trilc.prove.certificate import Certificate, write_certificate
from trilc.prove.certificate.check.__main__ import main
from trilc.prove.certificate.check.aiger import read as aiger_of
from trilc.prove.certificate.check.formula import OneStep, SideBySide
from trilc.prove.certificate.check.rejection import RejectedError
from trilc.prove.equivalence import Answer
from trilc.prove.pair import pair

PASSES = "dead, strash, rewrite, balance"


def answer(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """What the checker says last."""
    code = main([str(folder)])
    return code, capsys.readouterr().out.splitlines()[-1]


def model(seed: int, output: str = "argmax") -> trilc.Model:
    return random_model(np.random.default_rng(seed), 6, 5, 0.5, layers=1 + seed % 2, output=output)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A certificate of a model against its netlist."""
    folder = tmp_path_factory.mktemp("certificate") / "proof"
    source = model(3)
    found = write_certificate(pair(source, trilc.compile(source, passes=PASSES)), folder)
    assert (found.proofs, found.missing) == (4, ())
    return folder


@pytest.fixture
def copied(written, tmp_path):
    """One to change."""
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.parametrize("output", ["argmax", "scores", "state"])
@pytest.mark.parametrize("seed", range(3))
def test_models_against_their_netlists(seed, output, tmp_path, capsys):
    source = model(seed, output)
    found = write_certificate(pair(source, trilc.compile(source, passes=PASSES)), tmp_path)
    assert found.missing == ()
    assert answer(tmp_path, capsys) == (0, "accepted")


@pytest.mark.parametrize("seed", range(6))
def test_with_every_pass(seed, tmp_path, capsys):
    """Registers may have gone."""
    source = model(seed)
    found = write_certificate(pair(source, trilc.compile(source)), tmp_path)
    assert found.missing == ()
    assert answer(tmp_path, capsys) == (0, "accepted")


def of_three(functions, output) -> AIG:
    """A machine whose registers take over functions of two inputs."""
    builder = Builder()
    x, y = builder.input("x"), builder.input("y")
    registers = [builder.register(f"r{k}") for k in range(3)]
    for register, function in zip(registers, functions, strict=True):
        builder.set_next(register, function(builder, x, y))
    builder.output("never", output(builder, *registers))
    return builder.build()


def nothing(builder, *_) -> int:
    return 0


def test_invariants(tmp_path, capsys):
    """What is so only because some registers are never true together, from reset on."""
    functions = (lambda g, x, y: g.and_(x, y)), (lambda g, x, y: g.and_(x, y ^ 1)), (lambda g, x, y: x ^ 1)
    both = of_three(functions, lambda g, a, b, c: g.or_(g.and_(a, b), g.and_(b, c))), of_three(functions, nothing)
    assert (write_certificate(pair(*both), tmp_path)).proofs == 2
    assert answer(tmp_path, capsys) == (0, "accepted")
    good = json.loads((tmp_path / "manifest.json").read_text())
    never = good["links"][0]["never"]
    assert ["r0", "r1"] in never
    for changed, reason in (
        ([*never, ["!r0", "!r1"]], "does not hold at reset"),
        ([*never, ["r0", "r3"]], "is about none"),
        ([*never, ["r0"]], "is about two registers"),
        ([*never, ["r0", "!r0"]], "has another header"),
        ([], "has another header"),
    ):
        good["links"][0]["never"] = changed
        (tmp_path / "manifest.json").write_text(json.dumps(good))
        code, last = answer(tmp_path, capsys)
        assert (code, reason in last) == (1, True)


def test_invariants_that_one_step_breaks(tmp_path, capsys):
    """Formulas that fit the claim, but no proof does."""
    functions = (lambda g, x, y: x), (lambda g, x, y: x ^ 1), (lambda g, x, y: y)
    both = of_three(functions, lambda g, a, b, c: g.and_(a, b)), of_three(functions, nothing)
    write_certificate(pair(*both), tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    never = [["r0", "r1"], ["r1", "r2"]]
    manifest["links"][0]["never"] = never
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    for part in ("invariants", "step"):
        (tmp_path / f"1.{part}.cnf").write_text(formula(tmp_path, 0, part, never))
    code, last = answer(tmp_path, capsys)
    assert code == 1
    assert last.startswith("rejected: 1.invariants.lrat: ")


def named_like_constants(wrong: bool) -> AIG:
    """Registers 0, 1 and !x; the first of them is put out."""
    builder = Builder()
    x = builder.input("x")
    registers = [builder.register(name) for name in ("0", "1", "!x", "x")]
    for register, following in zip(registers, (x ^ int(wrong), x, x ^ 1, x), strict=True):
        builder.set_next(register, following)
    builder.output("o", builder.xor(registers[0], builder.and_(registers[1], registers[2])))
    return builder.build()


def test_registers_that_are_called_like_constants(tmp_path, capsys):
    """They are none: what is said of a machine holds of registers of its names."""
    write_certificate(pair(*[named_like_constants(False)] * 2), tmp_path)
    assert answer(tmp_path, capsys) == (0, "accepted")
    good = [aiger_of((tmp_path / f"{k}.aig").read_bytes()) for k in (0, 1)]
    put(named_like_constants(True), tmp_path / "1.aig")
    bad = aiger_of((tmp_path / "1.aig").read_bytes())
    assert OneStep(*good, {}, []).step() != OneStep(good[0], bad, {}, []).step()
    with pytest.raises(RejectedError, match="is about none"):
        OneStep(*good, {}, [("1", "x")])


@pytest.mark.parametrize("seed", range(4))
def test_registers_by_other_names(seed, tmp_path, capsys):
    """What corresponds is found by induction, and is then one more thing that is checked."""
    one = trilc.compile(model(2 * seed, "scores"), passes=PASSES)
    renamed = [f"r{k}" for k in range(one.num_registers)]
    other = Pipeline.parse("strash, rewrite").apply(replace(one, register_names=tuple(renamed), metadata={}))
    found = write_certificate(pair(one, other, tokens=5), tmp_path)
    assert found.missing == ()
    assert answer(tmp_path, capsys) == (0, "accepted")
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    corresponding = manifest["links"][0]["removed"]
    assert set(corresponding) >= set(one.register_names)
    name = next(name for name, source in corresponding.items() if source not in ("0", "1"))
    corresponding[name] = corresponding[name][1:] if corresponding[name][0] == "!" else "!" + corresponding[name]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert answer(tmp_path, capsys)[0] == 1


def parity(wrong: bool = False) -> tuple[AIG, AIG]:
    """The parity of three registers is never odd, and no two of them say anything about each other."""
    functions = (lambda g, x, y: x), (lambda g, x, y: y), (lambda g, x, y: g.xor(x, y) ^ int(wrong))
    return of_three(functions, lambda g, a, b, c: g.xor(g.xor(a, b), c)), of_three(functions, nothing)


def test_induction_over_gates(tmp_path, capsys):
    """Base and step of every equality, and what is changed in any part is seen."""
    both = parity()
    assert equivalent(*both).answer is Answer.EQUAL
    found = write_certificate(pair(*both), tmp_path)
    assert found == Certificate(3, (), ("that 0.aig is what the first source means",
                                        "that 1.aig is what the second source means"))  # fmt: skip
    assert answer(tmp_path, capsys) == (0, "accepted")
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    equal = manifest["links"][0]["equal"]
    for changed, reason in (
        (equal[1:], "has another header"),
        ([[x, y ^ 1] for x, y in equal], "rejected: 1."),
        ([*equal, [2, 10**6]], "what is equal are pairs of nodes"),
        ([*equal, [2]], "what is equal are pairs of nodes"),
        ([*equal, ["2", 4]], "what is equal are pairs of nodes"),
    ):
        manifest["links"][0]["equal"] = changed
        (tmp_path / "manifest.json").write_text(json.dumps(manifest))
        code, last = answer(tmp_path, capsys)
        assert (code, reason in last) == (1, True)


@pytest.mark.parametrize("lie", [[], [[2, 4]], [[6, 0]]])
def test_an_induction_that_does_not_hold(lie, tmp_path, capsys):
    """Formulas that fit a wrong claim, and the proofs of the right one."""
    write_certificate(pair(*parity()), tmp_path)
    for k, machine in enumerate(parity(wrong=not lie)):
        put(machine, tmp_path / f"{k}.aig")
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["links"][0]["equal"] += lie
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    machines = [aiger_of((tmp_path / f"{k}.aig").read_bytes()) for k in (0, 1)]
    for part in ("base", "induction", "outputs"):
        variables, clauses = getattr(SideBySide(*machines, manifest["links"][0]["equal"]), part)()
        (tmp_path / f"1.{part}.cnf").write_text(dimacs(variables, clauses))
    code, last = answer(tmp_path, capsys)
    assert code == 1
    assert last.startswith(("rejected: 1.base.lrat: ", "rejected: 1.induction.lrat: "))


def test_what_has_no_proof_is_said(written, tmp_path, capsys):
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["links"][1]["step"] = None
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert main([str(tmp_path)]) == 3
    said = capsys.readouterr().out.splitlines()
    assert said[-2:] == ["no proof that 1.aig and 2.aig behave alike", "incomplete"]


def test_machines_that_need_a_solver(tmp_path, capsys):
    """Where nothing in the one is like the other."""
    for bits in (2, 4):
        write_certificate(pair(multiplier(bits, False), multiplier(bits, True)), tmp_path / str(bits))
        assert answer(tmp_path / str(bits), capsys) == (0, "accepted")
    assert len((tmp_path / "4" / "1.step.lrat").read_text().splitlines()) > 100


@pytest.mark.parametrize("seed", range(8))
def test_random_machines_after_passes(seed, tmp_path, capsys):
    """With constraints, unknown resets, and registers that passes remove."""
    before = random_graph(seed, gates=60)
    after = Pipeline.parse("dead, strash, rewrite, resubstitute, dead").apply(before)
    assert write_certificate(pair(before, after), tmp_path).missing == ()
    assert answer(tmp_path, capsys) == (0, "accepted")


def test_the_checker_stands_alone(written):
    """As a script, on nothing but Python's own library."""
    imported = set()
    for module in (written / "check").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.split(".")[0])
    assert imported <= set(sys.stdlib_module_names)
    for command in (["-I", "-S", "check"], ["-S", "-m", "check", "."]):
        done = subprocess.run([sys.executable, *command], cwd=written, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr, done.stdout.splitlines()[-1]) == (0, "", "accepted")


def from_files(folder: Path, seed: int, output: str, ending: str, kind: str = ".npz") -> Certificate | None:
    """A certificate whose ends are a checkpoint's file and a netlist's."""
    header = {"format": "trilc-checkpoint", "version": 1, "cell": "elman", "state": "pm1", "output": output}
    rng = np.random.default_rng(seed)
    tensors = {
        "rnn.weight_hh_l0": rng.integers(-1, 2, (8, 8)).astype(np.int8),
        "rnn.weight_ih_l0": rng.integers(-1, 2, (8, 5)).astype(np.int8),
        "rnn.bias_l0": rng.integers(-3, 4, 8) / 2,
        "head.weight": rng.integers(-1, 2, (6, 8)).astype(np.int8),
        "head.bias": rng.integers(-3, 4, 6),
    }
    files = folder / f"model{kind}", folder / f"netlist{ending}"
    save(files[0], header, tensors)
    source = load(files[0])
    write_aig(trilc.compile(source, passes=PASSES), files[1])
    return write_certificate(pair(source, read_aig(files[1])), folder / "proof", files)


@pytest.mark.parametrize("output, ending", [("argmax", ".blif"), ("scores", ".aig"), ("state", ".aag")])
def test_from_file_to_file(output, ending, tmp_path, capsys):
    """Nothing is left to be believed; and what is changed in either file is seen."""
    found = from_files(tmp_path, 5, output, ending)
    assert found == Certificate(4, (), ())
    folder = tmp_path / "proof"
    assert answer(folder, capsys) == (0, "accepted")
    for name in ("0.npz", f"2{ending}"):
        assert sha256((folder / name).read_bytes()).hexdigest() in (main([str(folder)]), capsys.readouterr().out)[1]
    arrays = dict(np.load(folder / "0.npz"))
    for name, array in arrays.items():
        if name == "__trilc__" or (output == "state" and name.startswith("head")):
            continue
        changed = array.copy()
        changed.flat[0] = 1 if changed.flat[0] < 1 else -1
        np.savez(folder / "0.npz", **{**arrays, name: changed})
        assert answer(folder, capsys)[0] == 1, name
    np.savez(folder / "0.npz", **arrays)
    assert answer(folder, capsys) == (0, "accepted")
    if ending == ".blif":
        text = (folder / "2.blif").read_text()
        for old, new in (("11 1", "10 1"), ("re clk 0", "re clk 1"), (".latch n", ".latch tok[0] n")):
            (folder / "2.blif").write_text(text.replace(old, new, 1))
            assert old in text
            assert answer(folder, capsys)[0] == 1


@pytest.mark.parametrize("output", ["argmax", "scores", "state"])
def test_from_safetensors_to_verilog(output, tmp_path, capsys):
    assert from_files(tmp_path, 6, output, ".v", ".safetensors") == Certificate(4, (), ())
    folder = tmp_path / "proof"
    assert answer(folder, capsys) == (0, "accepted")
    for file in (folder / "0.safetensors", folder / "2.v"):
        good = file.read_bytes()
        changed = 0
        for place in np.random.default_rng(0).integers(8, len(good), 12).tolist():
            file.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
            changed += answer(folder, capsys)[0]
        file.write_bytes(good)
        assert changed >= 3
    assert answer(folder, capsys) == (0, "accepted")
    text = (folder / "2.v").read_text()
    for old, new in (("<= ~", "<= "), ("<= n", "<= ~n"), ("'h", "'h1"), ("posedge clk", "posedge en")):
        assert old in text
        (folder / "2.v").write_text(text.replace(old, new, 1))
        assert answer(folder, capsys)[0] == 1


def test_checkpoints_whose_units_are_in_another_order(tmp_path, capsys):
    """Registers of the same names are others."""
    header = {"format": "trilc-checkpoint", "version": 1, "cell": "elman", "state": "pm1", "output": "argmax"}
    rng = np.random.default_rng(3)
    recurrent, below = rng.integers(-1, 2, (6, 6)).astype(np.int8), rng.integers(-1, 2, (6, 4)).astype(np.int8)
    head = rng.integers(-1, 2, (4, 6)).astype(np.int8)
    files = []
    for name, order in (("one.npz", np.arange(6)), ("two.safetensors", np.array([1, 2, 0, 5, 3, 4]))):
        tensors = {
            "rnn.weight_hh_l0": recurrent[order][:, order], "rnn.weight_ih_l0": below[order],
            "rnn.bias_l0": (np.arange(6) - 3)[order], "head.weight": head[:, order],
        }  # fmt: skip
        files.append(tmp_path / name)
        save(files[-1], header, tensors)
    found = write_certificate(pair(*map(load, files)), tmp_path / "proof", files)
    assert (found.missing, found.assumed) == ((), ())
    assert answer(tmp_path / "proof", capsys) == (0, "accepted")
    links = json.loads((tmp_path / "proof" / "manifest.json").read_text())["links"]
    assert [link["equal"] is not None for link in links] == [False, True, False]


def toggling(reset: int, constrain: str) -> AIG:
    """Put out when a bit that inputs flip is on; x and y are never on together, or that bit never stays on."""
    builder = Builder()
    x, y, s = builder.input("x"), builder.input("y"), builder.register("s", reset)
    builder.set_next(s, builder.xor(s, builder.or_(x, y)))
    builder.output("o", s ^ reset)
    if constrain:
        builder.constrain(builder.and_(x, y if constrain == "inputs" else s) ^ 1)
    return builder.build()


@pytest.mark.parametrize("first, second", [("inputs", "inputs"), ("state", "state"), ("inputs", ""), ("", "inputs")])
@pytest.mark.parametrize("endings", [(".aag", ".aig"), (".aig", ".v")])
def test_netlists_with_constraints_of_their_own(first, second, endings, tmp_path, capsys):
    """They are part of what is proved where they are in AIGER's section of them, and else believed."""
    files = [tmp_path / f"file{k}{ending}" for k, ending in enumerate(endings)]
    for file, aig in zip(files, (toggling(0, first), toggling(0, second)), strict=True):
        write_aig(aig, file)
    found = write_certificate(pair(*map(read_aig, files)), tmp_path / "proof", files)
    believed = endings[1] == ".v" and bool(second)
    assert (found.missing, len(found.assumed)) == ((), 2 * believed)
    assert answer(tmp_path / "proof", capsys) == (0, "accepted")
    if not believed:
        for k, file in enumerate(files):
            if file.suffix == ".v":
                continue
            changed = toggling(0, {"inputs": "state", "state": "inputs", "": ""}[(first, second)[k]])
            write_aig(changed, tmp_path / "proof" / f"{k}{file.suffix}")
            assert answer(tmp_path / "proof", capsys)[0] == bool((first, second)[k])
            shutil.copyfile(file, tmp_path / "proof" / f"{k}{file.suffix}")


def test_names_that_a_file_can_not_bear_are_believed(tmp_path, capsys):
    """The checker reads no comments, where the true ones are."""
    builder = Builder()
    builder.output("it's", builder.and_(builder.input("a b"), builder.input("c")))
    files = tmp_path / "one.aag", tmp_path / "two.v"
    for file in files:
        write_aig(builder.build(), file)
    found = write_certificate(pair(*map(read_aig, files)), tmp_path / "proof", files)
    assert found == Certificate(1, (), ("that 1.aig is what two.v means",))
    assert answer(tmp_path / "proof", capsys) == (0, "accepted")


def test_a_time(tmp_path):
    """Nothing is there where it did not suffice."""
    source = model(3)
    both = pair(source, trilc.compile(source, passes=PASSES))
    assert write_certificate(both, tmp_path / "proof", seconds=0) is None
    assert list(tmp_path.iterdir()) == []
    assert write_certificate(both, tmp_path / "proof", seconds=300) == write_certificate(both, tmp_path / "again")
    assert (tmp_path / "proof" / "2.step.lrat").read_bytes() == (tmp_path / "again" / "2.step.lrat").read_bytes()


def test_the_same_bytes_again(written, tmp_path):
    source = model(3)
    write_certificate(pair(source, trilc.compile(source, passes=PASSES)), tmp_path)
    for folder in (written, written / "check"):
        for file in filter(Path.is_file, folder.iterdir()):
            assert (tmp_path / file.relative_to(written)).read_bytes() == file.read_bytes()


def test_a_lemma_that_is_left_out(copied, capsys):
    """The proof is as long as it is for a reason: each clause of it is needed."""
    for link in (1, 2):
        file = copied / f"{link}.step.lrat"
        whole = file.read_text()
        lines = whole.splitlines()
        for row in range(0, len(lines), max(1, len(lines) // 8)):
            file.write_text("\n".join([*lines[:row], *lines[row + 1 :], ""]))
            code, last = answer(copied, capsys)
            assert code == 1
            assert "does not follow" in last or "ends before the empty clause" in last
        file.write_text(whole)


def test_lemmas_that_are_wrong(copied, capsys):
    file = copied / "1.step.lrat"
    whole = file.read_text()
    number = int(whole.split()[0])
    for line, reason in (
        (f"{number - 1} 2 0 1 0", f"clause {number - 1} is there already"),
        ("1000000 2 0 1 0", "clause 1000000 does not follow"),
        ("1000000 2 0 0", "clause 1000000 does not follow"),
        ("1000000 2 0 1000000 0", "clause 1000000 does not follow"),
        ("1000000 2 0 -1 0", "clause 1000000 does not follow"),
        ("1000000 2 0 1", "a line that is no clause with its reasons"),
        ("1000000 2 0 d 0", "a line that holds no numbers"),
    ):
        file.write_text(f"{line}\n{whole}")
        assert answer(copied, capsys) == (1, f"rejected: 1.step.lrat: {reason}")


@pytest.mark.parametrize("part", ["step", "constraints"])
def test_a_formula_that_says_something_else(part, copied, capsys):
    file = copied / f"2.{part}.cnf"
    lines = file.read_text().splitlines()
    for changed in ([*lines[:-1], "1 0"], [*lines[:4], lines[5], lines[4], *lines[6:]]):
        file.write_text("\n".join([*changed, ""]))
        assert answer(copied, capsys) == (1, f"rejected: 2.{part}.cnf does not say what is to be refuted")
    file.write_text("\n".join([*lines, "1 0", ""]))
    assert answer(copied, capsys)[0] == 1


def test_machines_that_differ(copied, capsys):
    """Formulas and proofs of the right ones don't fit them; and with formulas that fit, no proof does."""
    good = aiger.read((copied / "2.aig").read_bytes())
    for row in range(0, good.num_ands, 37):
        fanins = good.fanins.copy()
        fanins[row, 0] ^= 1
        put(replace(good, fanins=np.sort(fanins, axis=1)), copied / "2.aig")
        code, last = answer(copied, capsys)
        assert code == 1
        assert last.endswith(("does not say what is to be refuted", "has another header"))
    put(replace(good, outputs=good.outputs ^ np.uint32(1)), copied / "2.aig")
    for part in ("constraints", "step"):
        (copied / f"2.{part}.cnf").write_text(formula(copied, 1, part))
    code, last = answer(copied, capsys)
    assert code == 1
    assert last.startswith("rejected: 2.step.lrat: clause ")


def test_resets_that_differ(copied, capsys):
    good = aiger.read((copied / "2.aig").read_bytes())
    for k in range(good.num_registers):
        reset = good.reset.copy()
        reset[k] ^= 1
        put(replace(good, reset=reset), copied / "2.aig")
        assert answer(copied, capsys) == (1, f"rejected: register {good.register_names[k]} has two resets")


def test_manifests_that_lie(copied, capsys):
    good = json.loads((copied / "manifest.json").read_text())

    def link(**changes):
        return {"links": [good["links"][0], {**good["links"][1], **changes}]}

    for changes in (
        {"machines": good["machines"][:2]},
        {"links": good["links"][:1]},
        {"links": [good["links"][0]] * 2},
        link(machines=[1, 1]),
        link(machines=[0, 2]),
        link(step={"cnf": "../2.step.cnf", "lrat": "2.step.lrat"}),
        link(step=good["links"][0]["step"]),
        link(constraints=None),
        {"machines": [{**entry, "kind": "netlist", "tokens": 4} for entry in good["machines"]]},
        {"machines": [{**entry, "tokens": 9} for entry in good["machines"]]},
        {"machines": [{**entry, "kind": "checkpoint"} for entry in good["machines"]]},
        link(removed={"none": "0"}),
        link(removed={"h_l0[0]": "0"}),
        {"machines": [{"file": f"/dev/{k}"} for k in range(3)]},
        {"version": 2},
        {"links": 7},
    ):  # fmt: skip
        (copied / "manifest.json").write_text(json.dumps({**good, **changes}))
        code, last = answer(copied, capsys)
        assert (code, last[:10]) == (1, "rejected: "), changes
    (copied / "manifest.json").write_text(json.dumps({**good, **link(step=None)}))
    assert answer(copied, capsys) == (3, "incomplete")


def test_files_cut_short_or_changed_anywhere(copied, capsys):
    """One line, never a traceback; and nothing is accepted that has another meaning."""
    rng = np.random.default_rng(0)
    for name in ("1.aig", "manifest.json", "1.step.cnf", "1.step.lrat"):
        good = (copied / name).read_bytes()
        for _ in range(12):
            bad = bytearray(good[: int(rng.integers(len(good)))] if rng.random() < 0.3 else good)
            for place in rng.integers(0, max(1, len(bad)), 3):
                if bad:
                    bad[place] = int(rng.integers(256))
            (copied / name).write_bytes(bad)
            code, _ = answer(copied, capsys)
            assert code in (0, 1, 3)
        (copied / name).write_bytes(good)
    assert answer(copied, capsys) == (0, "accepted")


def test_model_checkers_take_the_miters(written):
    for link in (1, 2):
        assert "Property proved" in abc.run(f"read {written / f'{link}.miter.aig'}; fold; pdr")


def test_a_directory_with_something_in_it_stays_as_it_is(tmp_path):
    (tmp_path / "mine").write_text("mine")
    both = pair(multiplier(2, False), multiplier(2, True))
    for target in (tmp_path, tmp_path / "mine", tmp_path / "none" / "proof"):
        with pytest.raises(InputError, match="cannot write "):
            write_certificate(both, target)
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_all_or_nothing(tmp_path, monkeypatch):
    """A disk that is full half-way."""
    from trilc.prove.certificate import write

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "_write", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_certificate(pair(multiplier(2, False), multiplier(2, True)), tmp_path / "proof")
    assert list(tmp_path.iterdir()) == []


def put(aig: AIG, path: Path) -> None:
    with path.open("wb") as stream:
        aiger.write(aig, stream)


def formula(folder: Path, link: int, part: str, never: Sequence[Sequence[str]] = ()) -> str:
    """The checker's own."""
    machines = [aiger_of((folder / f"{k}.aig").read_bytes()) for k in (link, link + 1)]
    variables, clauses = getattr(OneStep(*machines, {}, never), part)()
    return dimacs(variables, clauses)


def dimacs(variables: int, clauses: Sequence[Sequence[int]]) -> str:
    rows = [" ".join(map(str, [*clause, 0])) for clause in clauses]
    return "\n".join([f"p cnf {variables} {len(clauses)}", *rows, ""])
