"""A long run: ``python -m tests.fuzz --count 100000 [--reader NAME …] [--seed N] [--keep DIR] [--json]``."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.fuzz.campaign import campaign
from tests.fuzz.readers import READERS


def main() -> int:
    """Try all readers; the exit code is 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Mutated files for every reader.")
    parser.add_argument("--count", type=int, default=100_000, help="files for each reader")
    parser.add_argument("--reader", action="append", choices=list(READERS), help="may be repeated (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"), help="folder for files that fail")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    columns = ("tried", "accepted", "refused", "crashes", "hangs", "peak_mib")
    reports = []
    if not asked.json:
        print(f"{'reader':12}", *(f"{column:>9}" for column in columns))
    for reader in asked.reader or READERS:
        report = campaign(reader, asked.count, asked.seed, asked.keep)
        reports.append(report)
        if not asked.json:
            print(f"{reader:12}", *(f"{getattr(report, column):9}" for column in columns), flush=True)
    if asked.json:
        print(json.dumps([asdict(report) for report in reports], indent=2))
    return int(any(report.failures for report in reports))


if __name__ == "__main__":
    sys.exit(main())
