"""Small sound files of every format, as ours and as others write them: what is spoilt."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np

from backends import aiger, blif, read_aig, verilog, write_aig
from backends.blif import luts as blif_luts
from passes import efforts
from passes.pipeline import PASSES
from tests.automata.machines import counter, drawn, dyck
from tests.checkpoint.small import minimal
from tests.models import Checkpoint, random_model, ternary
from tests.passes.graphs import random_graph
from trilc import ir, luts
from trilc.aig import AIG
from trilc.automata import Machine
from trilc.checkpoint import load
from trilc.cli.fsm import command as fsm
from trilc.compiler import compile, words
from trilc.prove.certificate import write_certificate
from trilc.prove.pair import pair
from trilc.saved_state import SavedState, write_state

FOREIGN_BLIF = (
    b"# somebody's\n.model top\n.inputs a \\\n  b\n.inputs clk c # more\n.outputs f g\n.latch f s re clk 1\n"
    b".latch g t 0\n.latch s u\n.names a b c f\n11- 1\n--1 1\n.names s t g\n1- 1\n-1 1\n.end\n",
    b".model wide\n.inputs x0 x1 x2 x3 x4 x5 x6 x7\n.outputs f g h\n.names x0 x1 x2 x3 x4 x5 x6 x7 f\n"
    b"11------ 0\n--01---- 0\n----1-10 0\n.names x0 x1 x2 x3 x4 x5 g\n110100 1\n0-1-01 1\n.names h\n 1\n.end\n",
)
FOREIGN_AIGER = (
    b"aag 20 2 1 1 3\n6\n30\n20 17\n12\n12 17 30\n16 40 6\n40 30 20\ni0 a\ni1 b\nl0 s\no0 q\nc\nfree text\n",
    b"aag 7 2 2 1 3 1 1\n2\n4\n6 14 1\n8 6 8\n14\n10\n12\n10 2 4\n12 3 6\n14 10 13\nb0 never\nc0 always\n",
)


def graphs() -> Iterator[AIG]:
    """Random graphs, one with names that files stumble over, and a compiled model with all its metadata."""
    yield random_graph(1, inputs=3, registers=2, gates=12, outputs=3)
    odd = random_graph(2, inputs=4, registers=3, gates=20, outputs=2)
    yield replace(
        odd,
        input_names=("a b", "module", "x[0]", "x[1]"),
        register_names=("$n#3", "\\esc", "λ"),
        output_names=("x[0]", ".end"),
        metadata={"any": [1, 2.5, None, {"deep": "\x1b[31m"}]},
        keep_registers=True,
    )
    yield compile(checkpoints()[2].load(), passes="dead")


def checkpoints() -> tuple[Checkpoint, ...]:
    """One that is as short as can be, one with norms, scales and floats, one with text, scores and an embedding."""
    rng = np.random.default_rng(3)
    about = {"format": "trilc-checkpoint", "version": 1, "cell": "elman", "tokens": None}
    norm = {
        "embedding.weight": ternary(rng, 3, 2, 0.7) * 0.5,
        "rnn.weight_ih_l0": (ternary(rng, 3, 2, 0.7) * 0.25).astype(np.float16),
        "rnn.weight_hh_l0": ternary(rng, 3, 3, 0.7),
        "rnn.norm_l0.weight": np.array([1, -0.3, 0], np.float32),
        "rnn.norm_l0.bias": np.array([0.1, 0, -1], np.float32),
        "rnn.norm_l0.mean": np.array([0.5, 0, 1]),
        "rnn.norm_l0.var": np.array([1, 0.25, 0]),
        "rnn.h0_l0": np.array([1, 0, 1], np.uint8),
    }
    scores = {
        "rnn.weight_ih_l0": ternary(rng, 3, 3, 0.7),
        "rnn.weight_hh_l0": ternary(rng, 3, 3, 0.7),
        "rnn.bias_ih_l0": np.array([1, 0, -1], np.int32),
        "rnn.bias_hh_l0": np.array([0, 0.5, 2], np.float32),
        "rnn.weight_ih_l1": ternary(rng, 2, 3, 0.7),
        "rnn.weight_hh_l1": ternary(rng, 2, 2, 0.7),
        "head.weight": ternary(rng, 3, 2, 0.7),
        "head.bias": np.array([1, 0, -2], np.int64),
    }
    text = {"lower": True, "fold_space": True, "unknown": "skip"}
    return (
        minimal(),
        Checkpoint(about | {"state": "01", "output": "state", "norm_eps": 1e-3}, norm),
        Checkpoint(
            about | {"state": "pm1", "output": "scores", "tokens": ["a", "é", "\n"], "text": text, "score_scale": 0.5},
            scores,
        ),
    )


def saved(folder: Path, ending: str) -> list[bytes]:
    """The checkpoints as files."""
    return [
        made.save(folder / f"seed{number}{ending}").read_bytes() for number, made in enumerate(checkpoints())
    ]


def netlists(kind: str) -> list[bytes]:
    """The graphs in one format (``blif``, ``aag``, ``aig`` or ``verilog``), and foreign files of it."""
    made = []
    for graph in graphs():
        stream = io.BytesIO()
        match kind:
            case "blif":
                blif.write(graph, stream)
            case "verilog":
                verilog.write(graph, stream)
            case _:
                aiger.write(graph, stream, ascii=kind == "aag")
        made.append(stream.getvalue())
    if kind == "blif":
        stream = io.BytesIO()
        blif_luts.write(luts.map(random_graph(5, gates=25), 6), stream, model="luts")
        made += [stream.getvalue(), *FOREIGN_BLIF]
    if kind == "aag":
        made += FOREIGN_AIGER
    return made


def arrays() -> list[bytes]:
    """Token arrays as ``.npy``."""
    made = []
    for array in (
        np.array([0, 1, 2, 3], np.int64), np.arange(12, dtype=np.uint8).reshape(3, 4) % 5,
        np.asfortranarray(np.ones((2, 3), ">i2")), np.zeros((2, 0), np.int8), np.array([[1, 0, -1], [1, -1, -1]], "i1"),
        np.eye(4, dtype=np.uint8), np.array([True, False, True, True]),
    ):  # fmt: skip
        stream = io.BytesIO()
        np.save(stream, array)
        made.append(stream.getvalue())
    return made


def states() -> list[bytes]:
    """States as they are saved."""
    made = []
    for saved in (
        SavedState(np.array([[0, 1, 1, 2]], np.uint8), "ab" * 32, True),
        SavedState(np.eye(4, dtype=np.uint8), "", False), SavedState(np.ones((3, 0), np.uint8), "", True),
    ):  # fmt: skip
        stream = io.BytesIO()
        write_state(saved, stream)
        made.append(stream.getvalue())
    return made


def automata(text: Callable[[Machine], str]) -> list[bytes]:
    """Machines as text, one with names that labels can't hold."""
    named = replace(drawn(3, 4, 4, 2), tokens=("a", " ", '"', "->"), symbols=("a", " ", '"', "->"))
    return [text(machine).encode() for machine in (counter(2), dyck(3), drawn(6, 3, 2, 1), named)]


IDS = (b"0 1 2 3 4\n", b"  3\t1\r\n4 0\n\n2", b" ".join(b"%d" % (k % 5) for k in range(200)), b"")
TEXTS = ("ab a b ", "A  B\né ab\n", "aab ba " * 30, "ÀΣ σς İ", "")
PIPELINES = (
    "", efforts.pipeline("default", "gates"), efforts.pipeline("high", "depth"), efforts.pipeline("fast", "luts"),
    "strash, dead, 2*(rewrite(cuts=8, zero_cost=true), balance), 3*refactor, <=4/2/100*(sweep, dontcare)",
    ", ".join(PASSES),
)  # fmt: skip


QUESTIONS = (
    "never out='b' after tok='a'", "always h[3] == h[17] or not (out in {'a'..'c'} and score['a'] > score['b'])",
    "constant h[*]", "reach h = 0b1011… within 20", "shortest input so that out='q'", "does out depend on tok@-5",
    "minimal change of input that makes score['a'] > score['b'] + 1", "equal 'my model.npz'", "why out from h@-1",
    "reach read 'the' assuming true", "does h[1..2] depend on h[3]@-2 within 9 tokens",
)  # fmt: skip


def certificate(folder: Path) -> Path:
    """The directory of a certificate from a checkpoint to Verilog, after passes that remove a register."""
    files = Path("examples/parity/parity.npz"), folder / "parity.v"
    model = load(files[0])
    write_aig(compile(model), files[1])
    write_certificate(pair(model, read_aig(files[1])), folder / "proof", files)
    return folder / "proof"


def certificates(folder: Path) -> list[bytes]:
    """Each file of one, after a line with its name."""
    files = sorted(certificate(folder).glob("*.*"))
    return [file.name.encode() + b"\n" + file.read_bytes() for file in files if file.suffix != ".txt"]


def automaton_certificates(folder: Path) -> list[bytes]:
    """What ``trilc fsm --certificate`` writes of the parity machine."""
    target = folder / "parity.proof"
    with redirect_stdout(io.StringIO()):
        fsm(["examples/parity/parity.npz", "--certificate", str(target)], standalone_mode=False)
    return [target.read_bytes()]


def word_graphs() -> list[bytes]:
    """Word-level graphs as text."""
    models = [made.load() for made in checkpoints()]
    models.append(random_model(np.random.default_rng(1), 5, 4, 0.7, layers=2))
    return [ir.dump(words(model), "a comment").encode() for model in models]
