"""Every figure of the README in one command.

python -m tests.benchmarks [MODEL.npz …]      (or: make bench)
"""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks.models import MODELS

if __name__ == "__main__":
    models = sys.argv[1:] or [str(path) for path in MODELS]
    # each in a process of its own: they measure memory and set threads
    for benchmark, arguments in (("compiler", models), ("proofs", models), ("simulator", models), ("kernels", [])):
        print(f"\n{benchmark}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{benchmark}", *arguments], check=True)
