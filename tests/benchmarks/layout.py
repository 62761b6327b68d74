"""Layouts of large gate graphs beside graphviz's sfdp and igraph's DrL: seconds, memory, and how long wires are.

python -m tests.benchmarks.layout [--edges 10000 100000 1000000 10000000] [--limit 300] [--largest 1000] [--json FILE]
python -m tests.benchmarks.layout --device cpu cuda

Every layout is computed in a process of its own, in turns, and given up after ``--limit`` seconds of its time; larger
graphs are not tried then. What a program does besides (reading the graph, writing the places) counts. Rivals take part
where they are installed: sfdp on the path, python-igraph in this Python or in that named by ``--igraph``. ``--device``
says where trilc computes its forces; there the seconds that pass count, and the memory of a CUDA device is its peak.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from tests.benchmarks.console import wide_console
from tests.benchmarks.kernels import random_aig
from trilc.layout import device_named, gate_graph, graph_of, place

OWN = "import sys; from tests.benchmarks.layout import own; own(*sys.argv[1:])"
DRL = """
import sys, numpy, random, igraph
edges = numpy.load(sys.argv[1]); random.seed(0)
graph = igraph.Graph(n=int(edges.max()) + 1, edges=edges.tolist())
numpy.save(sys.argv[2], numpy.array(graph.layout_drl(options="default").coords, numpy.float32))
"""


def own(edges: str, places: str, device: str) -> None:
    """What trilc does of it."""
    wires = np.load(edges)
    np.save(places, place(graph_of(int(wires.max()) + 1, wires), device=device_named(device)))
    if device.startswith("cuda"):
        import torch

        peak_file(Path(places)).write_text(str(torch.cuda.max_memory_allocated(device)))


def peak_file(places: Path) -> Path:
    """Where trilc says how many bytes it had of a device."""
    return places.with_suffix(".peak")


def commands(edges: Path, places: Path, igraph: str, devices: Sequence[str]) -> dict[str, list[str]]:
    """How each program is called, trilc on each device first; sfdp reads and writes its own format."""
    found = {f"trilc, {name}": [sys.executable, "-c", OWN, str(edges), str(places), name] for name in devices}
    if shutil.which("sfdp"):
        found["sfdp"] = ["sfdp", "-Goverlap=true", "-Tplain", "-o", str(places), str(edges.with_suffix(".dot"))]
    if subprocess.run([igraph, "-c", "import igraph"], capture_output=True, check=False).returncode == 0:
        found["igraph DrL"] = [igraph, "-c", DRL, str(edges), str(places)]
    return found


def measured(command: list[str], limit: int) -> tuple[float, float, float] | None:
    """Seconds of its time, those that passed, and its peak memory in GB; None where it was given up."""
    peak, before, start = 0.0, resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    limited = ["bash", "-c", f'ulimit -t {limit}; exec "$@"', "bash", *command]
    process = subprocess.Popen(limited, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text() if Path(f"/proc/{process.pid}").exists() else ""
        for line in status.splitlines():
            if line.startswith("VmHWM"):
                peak = max(peak, int(line.split()[1]) / 1e6)
        time.sleep(0.05)
    passed = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (taken, passed, peak) if process.returncode == 0 else None


def wire_length(edges: NDArray[np.int32], places: NDArray[np.float32]) -> float:
    """The mean length of wires over the mean distance of any two nodes."""
    used = np.unique(edges)
    rng = np.random.default_rng(0)
    far = np.linalg.norm(places[rng.choice(used, 100_000)] - places[rng.choice(used, 100_000)], axis=1).mean()
    return float(np.linalg.norm(places[edges[:, 0]] - places[edges[:, 1]], axis=1).mean() / far)


def places_of(file: Path, nodes: int) -> NDArray[np.float32]:
    """(nodes, 2) from an array, or from what sfdp writes."""
    if file.read_bytes()[:6] == b"\x93NUMPY":
        return np.asarray(np.load(file))
    found = np.zeros((nodes, 2), np.float32)
    with file.open() as lines:
        for line in lines:
            words = line.split()
            if words[0] == "node":
                found[int(words[1])] = float(words[2]), float(words[3])
    return found


def largest(can: Callable[[int], bool], first: int) -> int | None:
    """The largest of the sizes first, doubled or halved again and again, at which something can be done, if any."""
    size = first
    if can(size):
        while can(2 * size):
            size *= 2
        return size
    while size > 1:
        size //= 2
        if can(size):
            return size
    return None


def race(
    count: int, programs: Sequence[str], limit: int, igraph: str, devices: Sequence[str]
) -> list[dict[str, Any]]:
    """The figures of some programs at about so many edges; no seconds where one was given up."""
    wires = gate_graph(random_aig(max(2, count // 2)))
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        edges, places = Path(folder) / "edges.npy", Path(folder) / "places.npy"
        np.save(edges, wires)
        for name, command in commands(edges, places, igraph, devices).items():
            if name not in programs:
                continue
            if name == "sfdp":
                with edges.with_suffix(".dot").open("w") as dot:
                    dot.write("graph {\n" + "\n".join(f"{a} -- {b}" for a, b in wires.tolist()) + "\n}\n")
            print(f"{len(wires):,} edges, {name} …", file=sys.stderr, flush=True)
            taken = measured(command, limit)
            print(taken, file=sys.stderr, flush=True)
            figure: dict[str, Any] = {"edges": len(wires), "program": name}
            if taken is not None:
                length = wire_length(wires, places_of(places, int(wires.max()) + 1))
                figure |= dict(zip(("seconds", "passed", "GB"), taken, strict=True)) | {"wire length": length}
                if peak_file(places).exists():
                    figure["device GB"] = int(peak_file(places).read_text()) / 1e9
                    peak_file(places).unlink()
            figures.append(figure)
    return figures


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", nargs="*", type=int, default=[10**4, 10**5, 10**6, 10**7])
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument(
        "--largest", type=int, metavar="EDGES",
        help="also search, from so many edges on by doubling and halving, for the largest graph that each rival "
        "finishes within the limit, and race at that size",
    )  # fmt: skip
    parser.add_argument("--device", nargs="+", default=["cpu"], help="where trilc computes forces, one or more")
    parser.add_argument("--igraph", default=sys.executable, help="a Python that has python-igraph")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    for name in options.device:  # is it there?
        device_named(name)
    place(graph_of(100, np.stack([np.arange(99), np.arange(1, 100)], axis=1)))  # compile
    programs = list(commands(Path("edges.npy"), Path("places.npy"), options.igraph, options.device))
    others = options.igraph, options.device
    figures: list[dict[str, Any]] = []
    beaten: set[str] = set()
    for count in options.edges:
        figures += race(count, [name for name in programs if name not in beaten], options.limit, *others)
        beaten |= {figure["program"] for figure in figures if "seconds" not in figure}
    if options.largest:
        own_programs = programs[: len(options.device)]
        for rival in programs[len(options.device) :]:
            found: dict[int, dict[str, Any]] = {}

            def finishes(count: int, rival: str = rival, found: dict[int, dict[str, Any]] = found) -> bool:
                found[count] = race(count, [rival], options.limit, *others)[0]
                return "seconds" in found[count]

            most = largest(finishes, options.largest)
            if most is not None:
                figures += [found[most], *race(most, own_programs, options.limit, *others)]
    table = Table("edges", "program", "CPU seconds", "seconds", "GB", "device GB", "wire length")
    for figure in figures:
        cells = [f"> {options.limit}"]
        if "seconds" in figure:
            shown = ("seconds", ".1f"), ("passed", ".1f"), ("GB", ".2f"), ("device GB", ".2f"), ("wire length", ".3f")
            cells = [f"{figure[key]:{form}}" if key in figure else "" for key, form in shown]
        table.add_row(f"{figure['edges']:,}", figure["program"], *cells)
    wide_console().print(table)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
