"""Layouts of large gate graphs beside graphviz's sfdp and igraph's DrL: seconds, memory, and how long wires are.

python -m tests.benchmarks.layout [--edges 10000 100000 1000000 10000000] [--limit 300] [--largest 1000] [--json FILE]

Every layout is computed in a process of its own, in turns, and given up after ``--limit`` seconds of its time; larger
graphs are not tried then. What a program does besides (reading the graph, writing the places) counts. Rivals take part
where they are installed: sfdp on the path, python-igraph in this Python or in that named by ``--igraph``.
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
from trilc.layout import gate_graph, graph_of, place

OWN = "import sys; from tests.benchmarks.layout import own; own(*sys.argv[1:])"
DRL = """
import sys, numpy, random, igraph
edges = numpy.load(sys.argv[1]); random.seed(0)
graph = igraph.Graph(n=int(edges.max()) + 1, edges=edges.tolist())
numpy.save(sys.argv[2], numpy.array(graph.layout_drl(options="default").coords, numpy.float32))
"""


def own(edges: str, places: str) -> None:
    """What trilc does of it."""
    wires = np.load(edges)
    np.save(places, place(graph_of(int(wires.max()) + 1, wires)))


def commands(edges: Path, places: Path, igraph: str) -> dict[str, list[str]]:
    """How each program is called; sfdp reads and writes its own format."""
    found = {"trilc": [sys.executable, "-c", OWN, str(edges), str(places)]}
    if shutil.which("sfdp"):
        found["sfdp"] = ["sfdp", "-Goverlap=true", "-Tplain", "-o", str(places), str(edges.with_suffix(".dot"))]
    if subprocess.run([igraph, "-c", "import igraph"], capture_output=True, check=False).returncode == 0:
        found["igraph DrL"] = [igraph, "-c", DRL, str(edges), str(places)]
    return found


def measured(command: list[str], limit: int) -> tuple[float, float] | None:
    """Seconds of its time and its peak memory in GB; None where it was given up."""
    peak, before = 0.0, resource.getrusage(resource.RUSAGE_CHILDREN)
    limited = ["bash", "-c", f'ulimit -t {limit}; exec "$@"', "bash", *command]
    process = subprocess.Popen(limited, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text() if Path(f"/proc/{process.pid}").exists() else ""
        for line in status.splitlines():
            if line.startswith("VmHWM"):
                peak = max(peak, int(line.split()[1]) / 1e6)
        time.sleep(0.05)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (taken, peak) if process.returncode == 0 else None


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


def race(count: int, programs: Sequence[str] | None, limit: int, igraph: str) -> list[dict[str, Any]]:
    """The figures of some programs, or of all there are, at about so many edges; no seconds where one was given up."""
    wires = gate_graph(random_aig(max(2, count // 2)))
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        edges, places = Path(folder) / "edges.npy", Path(folder) / "places.npy"
        np.save(edges, wires)
        for name, command in commands(edges, places, igraph).items():
            if programs is not None and name not in programs:
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
                figure |= {"seconds": taken[0], "GB": taken[1], "wire length": length}
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
    parser.add_argument("--igraph", default=sys.executable, help="a Python that has python-igraph")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    place(graph_of(100, np.stack([np.arange(99), np.arange(1, 100)], axis=1)))  # compile
    programs = list(commands(Path("edges.npy"), Path("places.npy"), options.igraph))
    figures: list[dict[str, Any]] = []
    beaten: set[str] = set()
    for count in options.edges:
        figures += race(count, [name for name in programs if name not in beaten], options.limit, options.igraph)
        beaten |= {figure["program"] for figure in figures if "seconds" not in figure}
    if options.largest:
        for rival in programs[1:]:
            found: dict[int, dict[str, Any]] = {}

            def finishes(count: int, rival: str = rival, found: dict[int, dict[str, Any]] = found) -> bool:
                found[count] = race(count, [rival], options.limit, options.igraph)[0]
                return "seconds" in found[count]

            most = largest(finishes, options.largest)
            if most is not None:
                figures += [found[most], *race(most, programs[:1], options.limit, options.igraph)]
    table = Table("edges", "program", "seconds", "GB", "wire length")
    for figure in figures:
        cells = [f"> {options.limit}", "", ""]
        if "seconds" in figure:
            cells = [f"{figure['seconds']:.1f}", f"{figure['GB']:.2f}", f"{figure['wire length']:.3f}"]
        table.add_row(f"{figure['edges']:,}", figure["program"], *cells)
    wide_console().print(table)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
