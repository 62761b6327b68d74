"""Copies of the packages in which a fault is seeded, each with its own compiled kernels."""

from __future__ import annotations

import ast
import os
import shutil
from functools import cache
from pathlib import Path

from tests.mutation.faults import PARTS, ROOT, Fault

_NAMES = (ast.Name, ast.Attribute)
PACKAGES = ("trilc", "passes", "backends")


def make(folder: Path, source: Path = ROOT) -> Path:
    """A copy of the packages with kernels that are there; the tests are those of the checkout."""
    for package in PACKAGES:
        shutil.copytree(source / package, folder / package)
    (folder / "tests").symlink_to(ROOT / "tests")
    return folder


def restore(folder: Path, base: Path) -> None:
    """Take away what was changed since."""
    for part in PARTS:
        shutil.rmtree(folder / part)
        shutil.copytree(base / part, folder / part)


def seed(folder: Path, fault: Fault) -> None:
    """Seed a fault, and forget the kernels that it is in or that call such a one."""
    source = (ROOT / fault.path).read_text()
    change(folder, fault.path, fault.seeded(source), affected(fault))


def change(folder: Path, path: str, text: str, functions: set[str] | None = None) -> None:
    """Let a file have another text, and forget what was compiled of some functions, or of all that import it."""
    (folder / path).write_text(text)
    for name in (path, *importers(path)):
        file = folder / name
        for compiled in sorted((file.parent / "__pycache__").glob(f"{file.stem}.*")):
            kernel = compiled.name.removeprefix(f"{file.stem}.").split("-")[0]
            if functions is None or compiled.suffix == ".pyc" or kernel in functions:
                compiled.unlink()


def affected(fault: Fault) -> set[str]:
    """The name of the function with the fault, and of all that mention it, or one that does."""
    mentioned: dict[str, set[str]] = {}
    for path in (fault.path, *importers(fault.path)):
        for node in ast.parse((ROOT / path).read_text()).body:
            if isinstance(node, ast.FunctionDef):
                names = {n.id if isinstance(n, ast.Name) else n.attr for n in ast.walk(node) if isinstance(n, _NAMES)}
                mentioned.setdefault(node.name, set()).update(names)
    tree = ast.parse((ROOT / fault.path).read_text())
    found = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.lineno <= fault.place[0] <= (node.end_lineno or 0)
    }
    while new := {name for name, names in mentioned.items() if names & found} - found:
        found |= new
    return found


def environment(folder: Path, hasty: bool) -> dict[str, str]:
    """Of a process that is to use a copy, with kernels that are kept beside its files; ``hasty``: new ones are slow."""
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return kept | {"PYTHONPATH": str(folder)} | ({"NUMBA_OPT": "0", "NUMBA_LOOP_VECTORIZE": "0"} if hasty else {})


def importers(path: str) -> set[str]:
    """The files that import a file, themselves or by way of others."""
    found: set[str] = set()
    new = {path}
    while new:
        found |= new
        new = {other for other, names in _imports().items() if names & {_module(p) for p in new}} - found
    return found - {path}


@cache
def _imports() -> dict[str, set[str]]:
    """What modules each file of the packages may import."""
    found = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("[!_]*.py")):  # packages themselves import late
            names: set[str] = set()
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            found[str(file.relative_to(ROOT))] = names
    return found


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
