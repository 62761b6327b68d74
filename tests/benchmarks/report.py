"""Reports of models: size of the page, seconds to make it, and how soon a browser has drawn it.

python -m tests.benchmarks.report [MODEL …] [--text FILE] [--seconds 60] [--json FILE]

The page is opened from the disk in Chromium without a window, ``--times`` times, each in a new window; the median is
shown of what the page itself counts: milliseconds from the start of the navigation to the first picture after all
sections stand. Moving is the median of the milliseconds that a picture of all gates takes while they are dragged.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.table import Table

from tests.benchmarks.console import wide_console
from tests.oracles.browser import Browser, browser

SHIPPED = Path("examples/kjv/kjv128.npz")
DRAG = """
const canvas = document.querySelector('#gates canvas'), done = arguments[0], found = [];
if (!canvas) return done(null);
canvas.scrollIntoView({block: 'center'});
const box = canvas.getBoundingClientRect();
const say = (kind, k) => canvas.dispatchEvent(new PointerEvent(kind, {
    pointerId: 1, clientX: box.left + 200 + 3 * k, clientY: box.top + 200 + k, bubbles: true}));
const frame = (k) => {
    if (k) found.push(Number(canvas.dataset.milliseconds));
    if (k === 24) { say('pointerup', k); return done(found.slice(4)); }
    say('pointermove', k + 1);
    requestAnimationFrame(() => requestAnimationFrame(() => frame(k + 1)));
};
canvas.setPointerCapture = () => {};
setTimeout(() => { say('pointerdown', 0); frame(0); }, 1500);
"""


def made(model: Path, text: Path | None, seconds: float, page: Path) -> float:
    """Seconds of a process of its own."""
    command = [sys.executable, "-m", "trilc", "report", str(model), *([str(text)] if text else []), "-o", str(page)]
    start = time.perf_counter()
    subprocess.run([*command, "--seconds", str(seconds), "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def opened(window: Browser, page: Path) -> tuple[float, float | None]:
    """Milliseconds until the page is drawn, and for a picture of its gates while they move."""
    window.open(page)
    drawn = float(window.script("return document.documentElement.dataset.ready"))
    window.driver.set_script_timeout(60)
    frames = window.driver.execute_async_script(DRAG)
    return drawn, frames and statistics.median(frames)


def measured(model: Path, text: Path | None, seconds: float, times: int) -> dict[str, Any]:
    """All figures of one model."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        taken = made(model, text, seconds, page)
        views = []
        for number in range(times):
            with browser(Path(folder) / str(number)) as window:
                views.append(opened(window, page))
        moving = [view[1] for view in views if view[1] is not None]
        return {
            "model": model.stem,
            "megabytes": page.stat().st_size / 1e6,
            "seconds": taken,
            "opens_ms": statistics.median(view[0] for view in views),
            "moving_ms": statistics.median(moving) if moving else None,
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path, default=[SHIPPED])
    parser.add_argument("--text", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = [measured(model, options.text, options.seconds, options.times) for model in options.models]
    table = Table("report of", "MB", "seconds to make", "opens in ms", "ms a picture of gates, moving")
    for row in rows:
        moving = "" if row["moving_ms"] is None else f"{row['moving_ms']:.0f}"
        table.add_row(
            row["model"], f"{row['megabytes']:.2f}", f"{row['seconds']:.1f}", f"{row['opens_ms']:.0f}", moving
        )
    wide_console().print(table)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
