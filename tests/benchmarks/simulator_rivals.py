"""Others that run the same model, or simulate the same AIG, for the simulator to be measured beside."""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import backends
from tests.oracles import abc, tools
from trilc.aig import AIG
from trilc.aig.simulation.tape import code_bits
from trilc.model import Model

if TYPE_CHECKING:
    import torch

UNROLLED = 8
"""Steps in one call of PyTorch: what is compiled together."""


@dataclass(frozen=True)
class Contestant:
    """One that reads tokens and says the argmax after each."""

    name: str
    tokens: int
    """Tokens that are read in a run."""
    run: Callable[[], NDArray[np.generic] | None]
    """Returns what is said, None where that is not shown."""
    expected: NDArray[np.generic] | None
    """What should be said, to the first streams at least."""
    note: str = ""

    def agrees(self, said: NDArray[np.generic]) -> bool:
        """Whether that is so."""
        assert self.expected is not None
        return bool((said[..., : self.expected.shape[-1]] == self.expected).all())


KINDS = ("float32", "bfloat16", "int8")
"""Numbers that PyTorch calculates with; products of ``int8`` are summed in int32."""


def pytorch(
    model: Model, tokens: NDArray[np.int64], expected: NDArray[np.int64], kind: str, limit: float
) -> Iterator[Contestant]:
    """As it stands and compiled; none without PyTorch.

    PyTorch uses one thread from then on, and keeps what it compiled for each. Raises ``RuntimeError`` where a run would
    take more than ``limit`` seconds, which one step tells.
    """
    if not find_spec("torch"):
        return
    import torch

    torch.set_num_threads(1)
    torch._dynamo.config.cache_size_limit = 64  # the contestants share one function
    start = time.process_time()
    _pytorch(model, tokens[:1], kind, False)()
    if (run := (time.process_time() - start) * len(tokens)) > limit:
        raise RuntimeError(f"PyTorch {kind}, a run of which would take {run:.0f} s")
    for compiled in (False, True):
        name = f"PyTorch {kind}{', compiled' * compiled}"
        yield Contestant(name, tokens.size, _pytorch(model, tokens, kind, compiled), expected)


def _pytorch(model: Model, tokens: NDArray[np.int64], kind: str, compiled: bool) -> Callable[[], NDArray[np.generic]]:
    import torch

    exact, total = (torch.int8, torch.int32) if kind == "int8" else (getattr(torch, kind),) * 2
    product = torch._int_mm if kind == "int8" else torch.mm
    streams = tokens.shape[1]
    first = model.layers[0]
    vectors = np.eye(model.vocabulary, dtype=np.int64) if model.embedding is None else model.embedding
    table = torch.tensor(vectors @ first.input.T + first.bias).to(total)
    recurrent = [torch.tensor(layer.recurrent.T.copy()).to(exact) for layer in model.layers]
    feed = [torch.tensor(layer.input.T.copy()).to(exact) for layer in model.layers[1:]]
    bias = [torch.tensor(layer.bias).to(total) for layer in model.layers[1:]]
    assert model.head is not None and not model.head.fraction_rank.any(), "integer heads only"
    pad = -len(model.head.weight) % 8  # the int8 product asks for it
    head = torch.tensor(np.pad(model.head.weight, ((0, pad), (0, 0))).T.copy()).to(exact)
    offset = torch.tensor(np.pad(model.head.bias, (0, pad), constant_values=-(1 << 20))).to(total)
    one = torch.ones((), dtype=exact)
    low = -one if model.signed else torch.zeros_like(one)
    resets = [torch.tensor(model.values(layer.reset)).to(exact).expand(streams, -1) for layer in model.layers]

    def steps(state: list[torch.Tensor], part: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        said = []
        for token in part:
            new: list[torch.Tensor] = []
            for k, old in enumerate(state):
                below = table[token] if k == 0 else product(new[-1], feed[k - 1]) + bias[k - 1]
                new.append(torch.where(product(old, recurrent[k]) + below >= 0, one, low))
            state = new
            said.append(torch.argmax(product(state[-1], head) + offset, 1))
        return state, torch.stack(said)

    call = torch.compile(steps, dynamic=False) if compiled else steps

    def run() -> NDArray[np.generic]:
        state, said = [reset.contiguous() for reset in resets], []
        with torch.inference_mode():
            for part in torch.tensor(tokens).split(UNROLLED):
                state, indices = call(state, part)
                said.append(indices)
            return torch.cat(said).numpy()

    return run


def numpy_step(model: Model, tokens: NDArray[np.int64], expected: NDArray[np.int64]) -> Contestant:
    """What a person would write: matrix products in float32."""
    assert len(model.layers) == 1 and model.head is not None
    layer, head = model.layers[0], model.head
    vectors = np.eye(model.vocabulary, dtype=np.int64) if model.embedding is None else model.embedding
    table = (vectors @ layer.input.T + layer.bias).astype(np.float32)
    recurrent, weight = (matrix.T.astype(np.float32) for matrix in (layer.recurrent, head.weight))
    bias = head.bias.astype(np.float32)
    one, low = np.float32(1), np.float32(-1 if model.signed else 0)

    def run() -> NDArray[np.generic]:
        state = np.tile(model.values(layer.reset).astype(np.float32), (tokens.shape[1], 1))
        said = np.empty_like(tokens)
        for step, token in enumerate(tokens):
            state = np.where(state @ recurrent + table[token] >= 0, one, low)
            said[step] = (state @ weight + bias).argmax(1)
        return said

    return Contestant("numpy float32", tokens.size, run, expected)


_PART = 4096
"""ANDs in one C function: gcc's time grows faster than its functions."""


def c_source(aig: AIG) -> str:
    """Straight-line C for 512 lanes: a statement for every AND, values in local variables."""
    first = aig.first_and
    part = np.arange(aig.num_ands) // _PART
    kept = np.zeros(aig.num_nodes, bool)  # in memory: what starts a step, ends it, or is used by a later part
    kept[:first] = True
    kept[aig.roots >> 1] = True
    for k in range(2):
        source = aig.fanins[:, k].astype(np.int64) >> 1
        gates = source >= first
        kept[source[gates][part[source[gates] - first] != part[gates]]] = True
    place = np.cumsum(kept) - 1

    def literal(value: int, here: int) -> str:
        node = value >> 1
        local = node >= first and part[node - first] == here
        return "~" * (value & 1) + (f"n{node}" if local else f"n[{place[node]}]")

    lines = ["typedef unsigned long long v __attribute__((vector_size(64)));"]
    for here in range(int(part.max(initial=-1)) + 1):
        lines.append(f"static __attribute__((noinline)) void part{here}(v *n) {{")
        for i in np.flatnonzero(part == here):
            x, y = (literal(int(fanin), here) for fanin in aig.fanins[i])
            lines.append(f"v n{first + i} = {x} & {y};")
            if kept[first + i]:
                lines.append(f"n[{place[first + i]}] = n{first + i};")
        lines.append("}")
    inputs, registers, outputs = aig.num_inputs, aig.num_registers, aig.num_outputs
    lines += [
        f"static v n[{int(kept.sum())}];",
        "void run(long steps, long groups, const v *in, v *state, v *out) {",
        "for (long t = 0; t < steps; t++) for (long g = 0; g < groups; g++) {",
        f"for (int i = 0; i < {inputs}; i++) n[1 + i] = *in++;",
        f"v *s = state + g * {registers};",
        f"for (int i = 0; i < {registers}; i++) n[{1 + inputs} + i] = s[i];",
        *(f"part{here}(n);" for here in range(int(part.max(initial=-1)) + 1)),
        *(f"out[{i}] = {literal(int(root), -1)};" for i, root in enumerate(aig.outputs)),
        *(f"s[{i}] = {literal(int(root), -1)};" for i, root in enumerate(aig.next_state)),
        f"out += {outputs}; }} }}",
    ]
    return "\n".join(lines) + "\n"


def straight_line_c(
    aig: AIG, tokens: NDArray[np.int64], expected: NDArray[np.int64], directory: Path, limit: float
) -> Contestant:
    """``gcc -O2 -march=native``. It gets the bit-planes of the tokens and leaves those of its answers.

    Raises ``subprocess.TimeoutExpired`` where it takes more than ``limit`` seconds.
    """
    source, library = directory / "straight.c", directory / "straight.so"
    source.write_text(c_source(aig))
    start = time.perf_counter()
    tools.run(["gcc", "-O2", "-march=native", "-shared", "-fPIC", "-w", "-o", library, source], timeout=limit)
    note = f"compiled in {time.perf_counter() - start:.0f} s"
    function = ctypes.CDLL(str(library)).run
    steps, groups = len(tokens), tokens.shape[1] // 512
    bits = tokens.reshape(steps, groups, 1, 512) >> np.arange(aig.num_inputs)[:, None] & 1
    planes = _aligned(np.packbits(bits.astype(np.uint8), axis=-1, bitorder="little"))
    resets = np.repeat((aig.reset == 1).astype(np.uint8) * 255, 64).reshape(-1, 64)
    out = _aligned(np.zeros((steps, groups, aig.num_outputs, 64), np.uint8))
    weights = 1 << np.arange(aig.num_outputs)

    def advance(state: NDArray[np.uint8]) -> None:
        pointers = (ctypes.c_void_p(array.ctypes.data) for array in (planes, state, out))
        function(ctypes.c_long(steps), ctypes.c_long(groups), *pointers)

    def run() -> None:
        advance(_aligned(np.broadcast_to(resets, (groups, *resets.shape))))

    run()
    said = np.unpackbits(out, axis=-1, bitorder="little").transpose(0, 1, 3, 2) @ weights
    assert (said.reshape(tokens.shape)[:, : expected.shape[1]] == expected).all(), "what gcc made is wrong"
    return Contestant("gcc -O2 straight-line C, without transposition", tokens.size, run, None, note)


def _aligned(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A copy whose vectors of 64 bytes do not straddle cache lines."""
    memory = np.empty(array.size + 64, np.uint8)
    copy = memory[-memory.ctypes.data % 64 :][: array.size].reshape(array.shape)
    copy[:] = array
    return copy


_HARNESS = """
#include "Vtrilc.h"
#include <cstdio>
int main(int, char **arguments) {
    FILE *in = fopen(arguments[1], "rb"), *out = fopen(arguments[2], "wb");
    Vtrilc top;
    top.en = 1, top.rst = 1, top.clk = 0, top.eval(), top.clk = 1, top.eval(), top.rst = 0;
    for (int token; (token = getc(in)) != EOF;) {
        top.clk = 0, top.tok = token, top.eval();
        putc(top.out, out);
        top.clk = 1, top.eval();
    }
    return fclose(out);
}
"""


def verilated(
    aig: AIG, model: Model, tokens: NDArray[np.int64], directory: Path, limit: float
) -> Contestant:
    """Verilator on our Verilog, optimised as it can be; it has one stream. Its C++ is optimised by -O1: -O2 takes
    hours for it. Raises ``subprocess.TimeoutExpired``.
    """
    source, harness, made = directory / "trilc.v", directory / "harness.cpp", directory / "verilated"
    backends.write_aig(aig, source)
    harness.write_text(_HARNESS)
    start = cpu_of_children()
    tools.run(
        ["verilator", "--cc", "--exe", "-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert",
         "--output-split", "5000", "--output-split-cfuncs", "500", "--top-module", "trilc", "-Wno-fatal",
         "--Mdir", made, harness, source],
        timeout=limit,
    )  # fmt: skip
    tools.run(
        ["make", "-C", made, "-f", "Vtrilc.mk", "OPT_FAST=-O1 -march=native", "OPT_SLOW=-O0", "OPT_GLOBAL=-O1",
         "VM_PARALLEL_BUILDS=1", "Vtrilc"],
        timeout=limit,
    )  # fmt: skip
    note = f"compiled in {cpu_of_children() - start:.0f} s"
    read, said = directory / "tokens", directory / "said"
    read.write_bytes(tokens.astype(np.uint8).tobytes())

    def run() -> NDArray[np.generic]:
        subprocess.run([made / "Vtrilc", read, said], check=True)
        return np.frombuffer(said.read_bytes(), np.uint8)

    return Contestant("Verilator, one stream", tokens.size, run, model.run(tokens[None], "argmax")[0], note)


def cpu_of_children() -> float:
    """Seconds that the programs took which this process ran."""
    times = os.times()
    return times.children_user + times.children_system


def aigverse_simulation(aig: AIG, model: Model, tokens: NDArray[np.int64], directory: Path) -> Contestant:
    """Aigverse's ``simulate_sequential`` on our AIGER; it has one stream."""
    from aigverse.algorithms import simulate_sequential
    from aigverse.io import read_aiger_into_sequential_aig

    source = directory / "trilc.aig"
    backends.write_aig(aig, source)
    network = read_aiger_into_sequential_aig(str(source))
    read = tokens[:256]
    stimulus = ((read[:, None] >> code_bits(aig.input_names)) & 1).astype(bool).tolist()
    weights = 1 << code_bits(aig.output_names)

    def run() -> NDArray[np.generic]:
        said = simulate_sequential(network, len(stimulus), stimulus).outputs
        codes: NDArray[np.int64] = np.array(said)[:, : len(weights)] @ weights
        return codes

    return Contestant("aigverse, one stream", read.size, run, model.run(read[None], "argmax")[0])


def abc_simulation(aig: AIG, steps: int, streams: int, directory: Path) -> Contestant:
    """ABC's ``&sim`` on our AIGER, with random inputs in words of 32 streams; it shows no answers."""
    source = directory / "trilc.aig"
    backends.write_aig(aig, source)

    def run() -> None:
        abc.run(f"&read {source}; &sim -F {steps} -W {streams // 32} -T 3600", timeout=3600)

    return Contestant("ABC &sim", steps * streams, run, None)
