"""A certificate as a whole."""

import json
from hashlib import sha256
from pathlib import Path

from . import aiger, blif, checkpoint, verilog
from .formula import OneStep, SideBySide
from .lrat import dimacs, refuted
from .rejection import RejectedError, require

READERS = {".aig": aiger, ".aag": aiger, ".blif": blif, ".v": verilog}


def check(directory):
    """What is missing from a certificate, in words; raises :class:`RejectedError` where anything is wrong."""
    folder = Path(directory)
    about = json.loads(_bytes(folder, "manifest.json"))
    require(about["format"] == "trilc certificate" and about["version"] == 1, "the manifest is of another kind")
    names = [entry["file"] for entry in about["machines"]]
    machines = [machine(folder, entry) for entry in about["machines"]]
    links = about["links"]
    require(len(machines) > 1 and len(links) == len(machines) - 1, "the links don't join the machines in a row")
    missing = []
    for k, link in enumerate(links):
        require(sorted(link["machines"]) == [k, k + 1], "the links don't join the machines in a row")
        files = f"{names[k]} and {names[k + 1]}"
        if link["step"] is None and link["outputs"] is None:
            missing.append(f"that {files} behave alike")
            continue
        a, b = (machines[n] for n in link["machines"])
        if link["equal"] is None:
            both = OneStep(a, b, link["removed"], link["never"])
            both.starts_alike()
            parts = ["invariants"] * bool(both.never) + ["step"]
        else:
            both, parts = SideBySide(a, b, link["equal"]), ["base", "induction", "outputs"]
        for part in ["constraints"] * bool(a.constraints) + parts:
            _refute(folder, link[part], getattr(both, part)())
        print(f"{files} behave alike", flush=True)
    tokens = about["machines"][0]["tokens"]
    print("on all inputs that the constraints allow" if tokens is None else f"on all streams of tokens below {tokens}")
    for name in (names[0], names[-1]):
        print(f"{name} has the SHA-256 {sha256(_bytes(folder, name)).hexdigest()}")
    return missing


def machine(folder, entry):
    """The machine that an entry of the manifest is about."""
    if entry["kind"] == "checkpoint":
        data = _bytes(folder, entry["file"])
        found, vocabulary = checkpoint.read(data, entry["outputs"], json.loads(_bytes(folder, entry["hints"])))
        require(entry["tokens"] <= vocabulary, "more tokens than the checkpoint has")
    else:
        found = _read(folder, entry["file"]).without(entry.get("idle", []))
        if entry.get("sealed"):
            found = found.sealed()
        if entry.get("under"):
            found.under(_read(folder, entry["under"]))
    if entry["tokens"] is not None:
        found.within(entry["tokens"])
    return found


def _read(folder, name):
    return READERS[Path(name).suffix].read(_bytes(folder, name))


def _refute(folder, files, formula):
    variables, clauses = formula
    data = _bytes(folder, files["cnf"])
    require(data.startswith(b"p cnf %d %d\n" % (variables, len(clauses))), f"{files['cnf']} has another header")
    require(dimacs(data) == clauses, f"{files['cnf']} does not say what is to be refuted")
    try:
        refuted(clauses, _bytes(folder, files["lrat"]))
    except RejectedError as error:
        raise RejectedError(f"{files['lrat']}: {error}") from None


def _bytes(folder, name):
    require(isinstance(name, str) and Path(name).name == name, "the manifest names a file elsewhere")
    return (folder / name).read_bytes()
