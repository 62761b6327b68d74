"""How GTKWave shows a waveform: a save file, and a translate filter file that turns ids into the names of tokens.

Both are GTKWave's own formats (its user's guide, "Translate filter files"), written by pyvcd. A name is in quotes,
so that it can't begin with ``?``, which begins a colour, and a space is seen.
"""

from __future__ import annotations

import io
from pathlib import Path

from vcd.gtkw import GTKWFlag, GTKWSave, make_translation_filter

from trilc.errors import InputError
from trilc.runner import Runner
from trilc.waveform import layers_of, printable


def filter_text(runner: Runner) -> str:
    """The translate file: a line for each token, its id in hexadecimal and its name.

    Raises :class:`InputError` where tokens have no names.
    """
    names = [f"'{printable(name)}'" for name in runner.named_tokens().tokens]
    return make_translation_filter(list(enumerate(names)), "hex", _width(runner.vocabulary)) + "\n"


def save_text(runner: Runner, waveform: Path, filter_file: Path | None) -> str:
    """The save file for a :class:`trilc.waveform.Waveform` that lies at a path, as does the translate file, if any.

    Token and output are shown by name where they have any, and each layer's state in binary. Raises
    :class:`InputError` for a path that the format has no way to write.
    """
    for path in (waveform, filter_file):
        if path is not None and any(c in str(path.absolute()) for c in '\n\r"'):
            raise InputError(f"{str(path)!r}: expected a path without quotes and line ends, which GTKWave can't read")
    text = io.StringIO()
    save = GTKWSave(text)
    save.comment("trilc")
    save.dumpfile(str(waveform.absolute()))
    save.timestart(0)
    by_name = None if filter_file is None else str(filter_file.absolute())
    save.trace("model.clk", datafmt="bin")
    save.trace(_vector("tok", _width(runner.vocabulary)), translate_filter_file=by_name)
    if runner.output != "state":
        named = by_name if runner.num_outputs == runner.vocabulary else None
        save.trace(_vector("out", _width(runner.num_outputs)), translate_filter_file=named)
    if runner.output == "scores":
        for k in range(runner.num_outputs):
            save.trace(_vector(f"score{k}", 64), datafmt="dec", extraflags=GTKWFlag.signed)
    for name, bits in layers_of(runner):
        save.trace(_vector(name, len(bits)), datafmt="bin")
    return text.getvalue()


def _width(number: int) -> int:
    return max(1, (number - 1).bit_length())


def _vector(name: str, width: int) -> str:
    """What GTKWave calls a variable."""
    return f"model.{name}[{width - 1}:0]" if width > 1 else f"model.{name}"
