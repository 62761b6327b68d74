"""Copies of the packages in which a fault is seeded, each with its own compiled kernels."""

from __future__ import annotations

import ast
import os
import shutil
from functools import cache
from pathlib import Path

from tests.mutation.faults import PARTS, ROOT

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


def change(folder: Path, path: str, text: str) -> None:
    """Let a file have another text, and forget what was compiled of it and of all that imports it."""
    (folder / path).write_text(text)
    for name in (path, *sorted(importers(path))):
        file = folder / name
        for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
            compiled.unlink()


def environment(folder: Path) -> dict[str, str]:
    """Of a process that is to use a copy, with kernels that are kept beside its files."""
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return kept | {"PYTHONPATH": str(folder)}


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
