"""What is fuzzed: for each reader its files, how they are spoilt, and what a file that it takes must be good for."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from backends import aiger, blif, verilog
from passes import Pipeline
from tests.fuzz import corpus, faulty
from tests.fuzz.mutations import NPY, NPZ, SAFETENSORS, TEXT, Mutation, mutate
from tests.models import random_model
from tests.truth import evaluate
from trilc import ir
from trilc.aig import AIG
from trilc.automata import Machine, difference, dot_text, json_text, minimise
from trilc.automata.certificate import check as check_automaton
from trilc.automata.formats import parse_dot, parse_json
from trilc.checkpoint import load
from trilc.cli.info import _shown as shown
from trilc.cli.said import run_array
from trilc.cli.sources import read_array, read_tokens
from trilc.compiler import compile
from trilc.describe import describe
from trilc.errors import InputError
from trilc.explain.language import Terms, parse
from trilc.explain.language.parser import parse_seen
from trilc.model import TextRules
from trilc.prove.certificate.check.directory import check as check_certificate
from trilc.prove.certificate.check.rejection import REFUSALS
from trilc.runner import Runner
from trilc.saved_state import read_state
from trilc.text import Tokenizer

TERMS = Terms(26, 26, (16, 8), tuple("abcdefghijklmnopqrstuvwxyz"))
"""What questions are about."""

Read = Callable[[bytes], None]
"""Reads a file; raises :class:`InputError` where it is refused, and anything else where something is wrong."""


@dataclass(frozen=True)
class Reader:
    """One reader."""

    ending: str
    """Of the files that are kept."""
    corpus: Callable[[Path], Sequence[bytes]]
    mutations: Sequence[Mutation]
    read: Callable[[Path], Read]
    """Given a folder for what must be a file."""


def spoilt(reader: str, seed: int, index: int, files: Sequence[bytes]) -> bytes:
    """The mutated file with a number."""
    random = Random(f"{seed} {reader} {index}")
    return mutate(random, random.choice(files), files, find(reader).mutations)


def find(name: str) -> Reader:
    """A reader by name; ``faulty`` is the one that fails on purpose."""
    return FAULTY if name == "faulty" else READERS[name]


def _checkpoint(ending: str) -> Callable[[Path], Read]:
    def in_folder(folder: Path) -> Read:
        path = folder / f"spoilt{ending}"
        turn = 0

        def read(data: bytes) -> None:
            nonlocal turn
            path.write_bytes(data)
            model = load(path)
            if model.vocabulary < 1000:
                said = model.run(np.arange(4).reshape(2, 2) % model.vocabulary)
                assert len(said) == 2
            turn += 1
            if turn % 64 == 0:
                compile(model, passes="").check()

        return read

    return in_folder


def _netlist(read_format: Callable[[bytes], AIG]) -> Callable[[Path], Read]:
    """What is read is a graph; every format takes it and gives it back; it can be described and, if it can, run."""
    turn = 0

    def read(data: bytes) -> None:
        nonlocal turn
        aig = read_format(data)
        aig.check()
        for value in vars(describe(aig)).values():
            shown(value)
        turn += 1
        for number, (write, again) in enumerate(_FORMATS):
            if (turn + number) % 3 == 0 and aig.num_nodes < 5000:
                stream = io.BytesIO()
                write(aig, stream)
                assert_same(again(stream.getvalue()), aig)
        if "vocabulary" in aig.metadata and turn % 4 == 0:
            with suppress(InputError):
                Runner(aig).run(np.zeros((2, 1), np.int64))

    return lambda folder: read


_FORMATS: tuple[tuple[Callable[[AIG, io.BytesIO], None], Callable[[bytes], AIG]], ...] = (
    (aiger.write, aiger.read),
    (blif.write, blif.read),
    (verilog.write, verilog.read),
)


def assert_same(found: AIG, wanted: AIG) -> None:
    """The same machine, gate numbers aside."""
    assert (found.input_names, found.register_names, found.output_names) == (
        wanted.input_names, wanted.register_names, wanted.output_names,
    )  # fmt: skip
    assert (found.reset == wanted.reset).all()
    assert len(found.constraints) == len(wanted.constraints)
    rng = np.random.default_rng(0)
    leaves = rng.integers(0, 2, (wanted.first_and - 1, 8)).astype(bool)
    assert (_values(found, leaves) == _values(wanted, leaves)).all()


def _values(aig: AIG, leaves: np.ndarray) -> np.ndarray:
    return evaluate(aig, leaves[: aig.num_inputs], leaves[aig.num_inputs :])


def _ids(folder: Path) -> Read:
    path = folder / "spoilt.txt"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        for ids in read_tokens(path, "ids"):
            assert ids.dtype == np.int64
            assert (ids >= 0).all()

    return read


def _state(folder: Path) -> Read:
    path = folder / "spoilt"
    runner = Runner(random_model(np.random.default_rng(1), 4, 5, 0.7))

    def read(data: bytes) -> None:
        path.write_bytes(data)
        saved = read_state(path)
        assert len(saved.bits)
        assert saved.bits.size == 0 or saved.bits.max() <= 2
        with suppress(InputError):
            runner.start_from(saved)

    return read


def _text(folder: Path) -> Read:
    path = folder / "spoilt.txt"
    names = ("a", "b", "ab", " ", "é", "\n")
    tokenizers = [
        Tokenizer(names, TextRules(lower, fold, unknown))
        for lower, fold, unknown in ((False, False, "refuse"), (True, True, "skip"), (True, False, "ab"))
    ]
    turn = 0

    def read(data: bytes) -> None:
        nonlocal turn
        turn += 1
        path.write_bytes(data)
        tokenizer = tokenizers[turn % 3]
        ids = np.concatenate([np.zeros(0, np.int64), *read_tokens(path, "text", tokenizer)])
        text = tokenizer.decode(ids)
        assert turn % 3 or text == data.decode()

    return read


def _array(folder: Path) -> Read:
    path = folder / "spoilt.npy"
    runner = Runner(random_model(np.random.default_rng(1), 5, 5, 0.7))

    def read(data: bytes) -> None:
        path.write_bytes(data)
        tokens = read_array(path)
        assert sum(said.shape[0] * said.shape[1] for said, _ in run_array(runner, tokens)) == tokens.size

    return read


def _pipeline(data: bytes) -> None:
    pipeline = Pipeline.parse(data.decode("utf-8", "replace"))
    assert Pipeline.parse(str(pipeline)) == pipeline


def _word_graph(data: bytes) -> None:
    graph = ir.parse(data.decode("utf-8", "replace"))
    text = ir.dump(graph)
    assert ir.dump(ir.parse(text)) == text
    inputs = {op.name: np.zeros(1, np.int64) for op in graph.ops if isinstance(op, ir.ops.Input)}
    state = {op.name: np.array([op.reset]) for op in graph.ops if isinstance(op, ir.ops.State)}
    if inputs or state:
        outputs, _ = ir.evaluate(graph, inputs, state)
        assert len(outputs) <= len(graph.outputs)


def _automaton(parse: Callable[[str], Machine]) -> Read:
    """What is read is a machine that both formats give back, and that can be minimised."""

    def read(data: bytes) -> None:
        machine = parse(data.decode("utf-8", "replace"))
        machine.check()
        assert parse_json(json_text(machine)).equals(machine)
        if machine.bounded:
            return
        canonical = machine.canonical()
        assert parse_dot(dot_text(canonical)).equals(canonical)
        minimal, _ = minimise(machine)
        assert difference(minimal, machine) is None

    return read


def _question(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        parse(text, TERMS)
    except InputError:
        parse_seen(text, TERMS)


def _certificate(folder: Path) -> Read:
    """The checker that knows nothing of trilc: it accepts, finds proofs missing, or says what is wrong."""
    (folder / "own").mkdir(exist_ok=True)
    proof = corpus.certificate(folder / "own")
    sound = {file.name.encode(): file.read_bytes() for file in proof.glob("*.*")}

    def read(data: bytes) -> None:
        name, _, spoilt = data.partition(b"\n")
        if name not in sound:
            raise InputError("a file of another name")
        (proof / name.decode()).write_bytes(spoilt)
        try:
            with redirect_stdout(io.StringIO()):
                check_certificate(proof)
        except (*REFUSALS, OSError) as error:
            raise InputError(type(error).__name__) from None
        finally:
            (proof / name.decode()).write_bytes(sound[name])

    return read


def _automaton_certificate(folder: Path) -> Read:
    path = folder / "spoilt.proof"
    model = load("examples/parity/parity.npz")

    def read(data: bytes) -> None:
        path.write_bytes(data)
        check_automaton(model, path).check()

    return read


READERS: dict[str, Reader] = {
    "npz": Reader(".npz", lambda folder: corpus.saved(folder, ".npz"), NPZ, _checkpoint(".npz")),
    "safetensors": Reader(
        ".safetensors", lambda folder: corpus.saved(folder, ".safetensors"), SAFETENSORS, _checkpoint(".safetensors")
    ),
    "blif": Reader(".blif", lambda _: corpus.netlists("blif"), TEXT, _netlist(blif.read)),
    "aag": Reader(".aag", lambda _: corpus.netlists("aag"), TEXT, _netlist(aiger.read)),
    "aig": Reader(".aig", lambda _: corpus.netlists("aig"), TEXT, _netlist(aiger.read)),
    "verilog": Reader(".v", lambda _: corpus.netlists("verilog"), TEXT, _netlist(verilog.read)),
    "ids": Reader(".txt", lambda _: corpus.IDS, TEXT, _ids),
    "text": Reader(".txt", lambda _: [text.encode() for text in corpus.TEXTS], TEXT, _text),
    "npy": Reader(".npy", lambda _: corpus.arrays(), NPY, _array),
    "state": Reader(".npz", lambda _: corpus.states(), NPZ, _state),
    "plain-state": Reader(".npy", lambda _: corpus.arrays(), NPY, _state),
    "pipeline": Reader(
        ".txt", lambda _: [text.encode() for text in corpus.PIPELINES], TEXT, lambda folder: _pipeline
    ),
    "automaton": Reader(
        ".json", lambda _: corpus.automata(json_text), TEXT, lambda folder: _automaton(parse_json)
    ),
    "dot": Reader(".dot", lambda _: corpus.automata(dot_text), TEXT, lambda folder: _automaton(parse_dot)),
    "question": Reader(
        ".txt", lambda _: [text.encode() for text in corpus.QUESTIONS], TEXT, lambda folder: _question
    ),
    "certificate": Reader(".certificate", corpus.certificates, TEXT, _certificate),
    "automaton-certificate": Reader(".proof", corpus.automaton_certificates, TEXT, _automaton_certificate),
    "ir": Reader(".ir", lambda _: corpus.word_graphs(), TEXT, lambda folder: _word_graph),
}
"""Every reader by name."""

FAULTY = Reader(".txt", lambda _: faulty.FILES, (lambda random, data, files: data,), lambda folder: faulty.read)
